// The two ends of an HTTP/1.1 connection: reading requests with their bodies,
// writing replies. Blocking, one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clickhouse/server/http_request.hpp"

namespace sluice::clickhouse::server {

/// A connected socket with a read buffer. Owns the socket.
class http_socket {
public:
  /// `idle_seconds`: longest wait for the peer in one read or write.
  http_socket(int descriptor, int idle_seconds);
  ~http_socket();
  http_socket(const http_socket&) = delete;
  http_socket& operator=(const http_socket&) = delete;

  /// Reads up to the empty line and takes it; nothing at the end of the
  /// connection, on an error, and past `limit` bytes (then `too_long`).
  [[nodiscard]] std::optional<std::string> read_head(std::size_t limit,
                                                     bool& too_long);
  /// A line without its end; nothing as above.
  [[nodiscard]] std::optional<std::string> read_line(std::size_t limit);
  /// At least one byte, at most `into`; 0: the end or an error.
  [[nodiscard]] std::size_t read(std::span<char> into);
  [[nodiscard]] bool write(std::string_view bytes);

private:
  [[nodiscard]] bool fill();

  int descriptor_;
  std::string buffer_;
  std::size_t at_ = 0;
};

/// The body of one request.
class http_body {
public:
  http_body(http_socket& socket, const http_request& request);

  /// The next bytes; empty at the end. A broken body is the end as well; then
  /// `is_broken`.
  [[nodiscard]] std::string_view next();
  [[nodiscard]] bool is_broken() const { return is_broken_; }
  /// Reads and drops the rest, at most `limit` bytes; whether all is read.
  [[nodiscard]] bool drain(std::uint64_t limit);

private:
  [[nodiscard]] bool next_chunk();

  http_socket& socket_;
  std::vector<char> buffer_;
  bool is_chunked_;
  bool is_first_chunk_ = true;
  bool wants_continue_;
  bool is_broken_ = false;
  std::uint64_t left_ = 0;
};

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// The reply to one request: either `send` or `begin`, `write`..., `end`.
class http_reply {
public:
  http_reply(http_socket& socket, const http_request& request);

  /// Keeps or closes the connection behind this reply. Only before the head.
  void close_after() { keeps_ = false; }
  [[nodiscard]] bool keeps_connection() const { return keeps_ && is_whole_; }
  /// Whether the status is on its way and cannot be changed any more.
  [[nodiscard]] bool is_begun() const { return is_begun_; }

  /// A whole reply with its length. The functions return false when the peer
  /// is gone.
  bool send(int status, const http_headers& headers, std::string_view body);
  /// A reply whose length is not known yet.
  bool begin(int status, const http_headers& headers);
  bool write(std::string_view bytes);
  bool end();
  /// Leaves a begun reply without its end, so that the peer sees a failure.
  void abandon() { is_whole_ = false; }

private:
  bool send_head(int status, const http_headers& headers,
                 const std::string& framing, std::string_view body);

  http_socket& socket_;
  bool is_head_;
  bool is_http_1_0_;
  bool keeps_;
  bool is_begun_ = false;
  bool is_whole_ = true;
};

} // namespace sluice::clickhouse::server
