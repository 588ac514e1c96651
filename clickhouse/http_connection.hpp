// One HTTP connection: a request goes out, a reply comes in. The only place
// that knows libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "clickhouse/http_reply.hpp"
#include "clickhouse/request_body.hpp"

namespace sluice::clickhouse {

struct http_request {
  std::string url;
  /// "Name: value" lines without line breaks.
  std::vector<std::string> headers;
  request_body& body;
  /// Whether the same request may go out again when a kept-alive connection
  /// turns out to be closed after some of the body was sent.
  bool repeatable = false;
  /// Ask for a compressed answer (which comes back decompressed).
  bool compressed_reply = false;
  std::chrono::milliseconds connect_timeout{0};
  /// Limit from the first byte to the last.
  std::chrono::milliseconds timeout{0};
  /// PEM file; empty: the system's authorities.
  std::string ca_file;
};

/// Keeps its connection open between requests. One thread at a time.
class http_connection {
public:
  http_connection();
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// Sends a POST and waits for the whole reply, the connection's failure or
  /// the deadline. Redirects are not followed.
  [[nodiscard]] http_reply post(const http_request& request);

private:
  struct handle;
  std::unique_ptr<handle> handle_;
};

} // namespace sluice::clickhouse
