// An HTTP/1.1 server on the loopback that answers as a test says, down to the
// byte: also what no correct server would send. It reads each request whole
// (with "100 Continue" and chunks) unless told to cut the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sluice::clickhouse {

struct heard_request {
  /// Path and query, undecoded.
  std::string target;
  /// Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
  /// Which connection it came on, and which request of that one it is; from 0.
  int connection = 0;
  int index = 0;
  /// The decoded values of the URL's query.
  [[nodiscard]] std::optional<std::string>
  parameter(const std::string& name) const;
};

struct planned_reply {
  /// Sent as it is; empty: nothing.
  std::string bytes;
  std::chrono::milliseconds delay{0};
  bool close = false;
};

/// A whole reply with its Content-Length.
[[nodiscard]] planned_reply reply(int status, const std::string& body,
                                  const std::vector<std::string>& headers = {});

class scripted_server {
public:
  using script = std::function<planned_reply(const heard_request&)>;

  explicit scripted_server(script answer);
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  /// "http://127.0.0.1:PORT".
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<heard_request> heard() const;
  [[nodiscard]] int connections() const;
  /// Close connections when this many bytes of a body have come. Set before
  /// the first request.
  void cut_bodies_at(std::size_t bytes) { cut_at_ = bytes; }

private:
  void accept_connections();
  void serve(int socket, int connection);

  script answer_;
  std::optional<std::size_t> cut_at_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<heard_request> heard_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

} // namespace sluice::clickhouse
