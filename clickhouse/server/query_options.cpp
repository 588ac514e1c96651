#include "clickhouse/server/query_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::clickhouse::server {

namespace {

constexpr std::string_view parameter_prefix = "param_";
constexpr int session_seconds_max = 3600;

// Parameters of the HTTP interface that are no settings and change nothing
// here: there is one user, and progress is not reported. Inserts are never
// asynchronous (docs/embedded.md).
constexpr std::array<std::string_view, 12> without_effect{
    "user",
    "password",
    "quota_key",
    "role",
    "stacktrace",
    "buffer_size",
    "async_insert",
    "wait_for_async_insert",
    "client_protocol_version",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close"};

bool is_true(std::string_view text) { return text == "1" || text == "true"; }

bool is_without_effect(std::string_view name) {
  return std::find(without_effect.begin(), without_effect.end(), name)
         != without_effect.end();
}

tl::expected<std::chrono::seconds, std::string>
session_timeout(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || value < 0
      || value > session_seconds_max)
    return tl::unexpected(
        exception_text(374, "INVALID_SESSION_TIMEOUT",
                       "Invalid session timeout: '" + std::string{text} + "'"));
  return std::chrono::seconds{value};
}

/// Takes one URL parameter; the result is an exception's text, or empty.
std::string take(query_options& result, const std::string& name,
                 const std::string& value) {
  if (name == "query") {
    result.query += value;
  } else if (name == "database") {
    result.database = value;
  } else if (name == "default_format") {
    result.default_format = value;
  } else if (name == "query_id") {
    result.query_id = value;
  } else if (name == "session_id") {
    result.session_id = value;
  } else if (name == "session_timeout") {
    auto timeout = session_timeout(value);
    if (!timeout)
      return timeout.error();
    result.session_timeout = *timeout;
  } else if (name == "close_session") {
    result.closes_session = is_true(value);
  } else if (name == "wait_end_of_query") {
    result.waits_for_end = is_true(value);
  } else if (name == "decompress") {
    if (is_true(value))
      result.request_coding = content_coding::native_blocks;
  } else if (name == "compress") {
    if (is_true(value))
      result.reply_coding = content_coding::native_blocks;
  } else if (name.starts_with(parameter_prefix)) {
    result.parameters.emplace_back(name.substr(parameter_prefix.size()), value);
  } else if (name == "session_check") {
    result.must_have_session = is_true(value);
  } else if (!is_without_effect(name)) {
    result.options.emplace_back(name, value);
  }
  return {};
}

bool asks_for_compression(const settings& options) {
  return std::any_of(options.begin(), options.end(), [](const auto& option) {
    return option.first == "enable_http_compression" && is_true(option.second);
  });
}

std::string_view take_until(std::string_view& text, std::string_view mark) {
  auto end = text.find(mark);
  auto taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size()
                                                   : end + mark.size());
  return taken;
}

/// The value of `name="..."` in a part's headers.
std::string quoted_attribute(std::string_view headers, std::string_view name) {
  auto at = headers.find("; " + std::string{name} + "=\"");
  if (at == std::string_view::npos)
    return {};
  headers.remove_prefix(at + name.size() + 4);
  return std::string{headers.substr(0, headers.find('"'))};
}

} // namespace

tl::expected<query_options, std::string>
read_options(const http_request& request, const settings& form) {
  query_options result;
  result.database = request.header("x-clickhouse-database");
  result.default_format = request.header("x-clickhouse-format");
  result.is_readonly = request.method == "GET" || request.method == "HEAD";
  for (const auto* source : {&request.parameters, &form})
    for (const auto& [name, value] : *source)
      if (auto failed = take(result, name, value); !failed.empty())
        return tl::unexpected(failed);
  const auto encoding = request.header("content-encoding");
  auto coding = coding_named(encoding);
  if (!coding)
    return tl::unexpected(exception_text(
        48, "NOT_IMPLEMENTED",
        "Unknown content encoding '" + encoding
            + "': the embedded ClickHouse reads gzip, deflate, zstd and lz4"));
  if (result.request_coding == content_coding::identity)
    result.request_coding = *coding;
  if (result.reply_coding == content_coding::identity
      && asks_for_compression(result.options))
    result.reply_coding = accepted_coding(request.header("accept-encoding"));
  return result;
}

tl::expected<settings, std::string> parse_form(std::string_view type,
                                               std::string_view body) {
  auto malformed = [] {
    return tl::unexpected(
        exception_text(36, "BAD_ARGUMENTS", "Malformed multipart form"));
  };
  auto at = type.find("boundary=");
  if (at == std::string_view::npos)
    return malformed();
  auto boundary = type.substr(at + 9);
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.size() > 1 && boundary.front() == '"')
    boundary = boundary.substr(1, boundary.size() - 2);
  const auto mark = "--" + std::string{boundary};
  (void)take_until(body, mark);
  settings result;
  while (body.starts_with("\r\n")) {
    body.remove_prefix(2);
    auto headers = take_until(body, "\r\n\r\n");
    auto value = take_until(body, "\r\n" + mark);
    auto name = quoted_attribute(headers, "name");
    if (name.empty())
      return malformed();
    if (headers.find("filename=") != std::string_view::npos)
      return tl::unexpected(exception_text(
          48, "NOT_IMPLEMENTED",
          "External data are not supported by the embedded ClickHouse"));
    result.emplace_back(std::move(name), value);
  }
  if (!body.starts_with("--"))
    return malformed();
  return result;
}

std::string exception_text(int code, std::string_view name,
                           std::string_view text) {
  std::string result = "Code: " + std::to_string(code) + ". DB::Exception: ";
  result += text;
  result += ". (";
  result += name;
  result += ")";
  return result;
}

} // namespace sluice::clickhouse::server
