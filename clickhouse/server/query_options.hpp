// What a request asks for, from its URL, headers and form: ClickHouse's HTTP
// interface without its body. Pure.
#pragma once

#include <chrono>
#include <string>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "clickhouse/server/content_coding.hpp"
#include "clickhouse/server/http_request.hpp"

namespace sluice::clickhouse::server {

struct query_options {
  /// The statement of the URL, or its beginning.
  std::string query;
  /// Empty: the default one.
  std::string database;
  /// Empty: TabSeparated.
  std::string default_format;
  /// Empty: to be chosen.
  std::string query_id;
  std::string session_id;
  std::chrono::seconds session_timeout{60};
  bool must_have_session = false;
  bool closes_session = false;
  /// GET and HEAD change nothing.
  bool is_readonly = false;
  /// The whole result before the first byte, so that its status is right.
  bool waits_for_end = false;
  content_coding request_coding = content_coding::identity;
  content_coding reply_coding = content_coding::identity;
  /// {name:Type} values.
  settings parameters;
  settings options;
};

/// Reads them; the error is an exception's text. `form` are the fields of a
/// multipart body, which count as URL parameters do.
[[nodiscard]] tl::expected<query_options, std::string>
read_options(const http_request& request, const settings& form);

/// The fields of a multipart/form-data body. The error is an exception's text
/// (malformed, or with a file: external data are not supported).
[[nodiscard]] tl::expected<settings, std::string>
parse_form(std::string_view content_type, std::string_view body);

/// "Code: 62. DB::Exception: text (SYNTAX_ERROR)", as ClickHouse writes it.
[[nodiscard]] std::string exception_text(int code, std::string_view name,
                                         std::string_view text);

} // namespace sluice::clickhouse::server
