// One HTTP/1.1 request's head, parsed. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::clickhouse::server {

struct http_request {
  std::string method;
  /// Decoded, without the query string.
  std::string path;
  /// Decoded, in order; `+` is a space.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// Names in lower case, values trimmed; of a repeated one the last.
  std::map<std::string, std::string> headers;
  bool is_http_1_0 = false;

  /// The last value of a URL parameter; empty: not given.
  [[nodiscard]] std::string parameter(std::string_view name) const;
  /// The value of a header (name in lower case); empty: not given.
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] bool keeps_connection() const;
  [[nodiscard]] bool is_chunked() const;
  /// Nothing when there is no Content-Length or it is no number.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
};

/// Parses what stands before the empty line (which is left out). Nothing: not
/// HTTP.
[[nodiscard]] std::optional<http_request> parse_request(std::string_view head);

/// Percent-decoding; `+` becomes a space in query strings. A `%` that does not
/// start two hexadecimal digits stands for itself.
[[nodiscard]] std::string decoded_url(std::string_view text,
                                      bool plus_is_space);

/// `a=1&b=2`, decoded.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
parse_query_string(std::string_view text);

} // namespace sluice::clickhouse::server
