// One GET, for `sluice status`.
#pragma once

#include <chrono>
#include <string>

#include <tl/expected.hpp>

namespace sluice::status {

struct http_response {
  int status = 0;
  std::string body;
};

/// Fetches http://host:port/path (no TLS, no redirects). Blocks up to
/// `deadline` each for connecting and for the answer. The error is one line
/// with the address: bad URL, refused, timed out, closed.
[[nodiscard]] tl::expected<http_response, std::string>
http_get(const std::string& url,
         std::chrono::milliseconds deadline = std::chrono::seconds{5});

} // namespace sluice::status
