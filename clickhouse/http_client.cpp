#include "clickhouse/http_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <curl/curl.h>

#include "clickhouse/endpoints.hpp"
#include "clickhouse/http_connection.hpp"
#include "clickhouse/insert_statement.hpp"

namespace sluice::clickhouse {

namespace {

constexpr std::string_view create_database = "create database";

bool is_control(char c) {
  return std::iscntrl(static_cast<unsigned char>(c)) != 0;
}

/// Whether the statement makes a database, perhaps the client's own.
bool makes_database(std::string_view sql) {
  const auto begin = sql.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return false;
  const auto head = sql.substr(begin, create_database.size());
  return std::ranges::equal(head, create_database, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

/// Where the user and password of "scheme://user:password@host" stand.
struct credentials_span {
  std::size_t begin = 0;
  std::size_t size = 0;
};
credentials_span find_credentials(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto authority =
      url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const auto at = authority.rfind('@');
  return {begin, at == std::string_view::npos ? 0 : at + 1};
}

/// Builds "base?name=value&...".
class url_builder {
public:
  explicit url_builder(std::string url) : url_(std::move(url)) {
    const auto scheme = url_.find("://");
    const auto authority = scheme == std::string::npos ? 0 : scheme + 3;
    if (url_.find_first_of("/?", authority) == std::string::npos)
      url_ += '/';
    separator_ = url_.find('?') == std::string::npos ? '?' : '&';
  }

  void add(std::string_view name, std::string_view value) {
    url_ += separator_;
    url_ += percent_encode(name);
    url_ += '=';
    url_ += percent_encode(value);
    separator_ = '&';
  }
  void add(const settings& values, std::string_view prefix = {}) {
    for (const auto& [name, value] : values)
      add(std::string{prefix} + name, value);
  }
  [[nodiscard]] std::string take() { return std::move(url_); }

private:
  std::string url_;
  char separator_ = '?';
};

class http_client : public client {
public:
  explicit http_client(const topology::clickhouse& where)
      : where_(where), origin_{.url = without_credentials(where.url),
                               .user = where.user,
                               .ca_file = where.ca_file,
                               .timeout = where.request_timeout} {}

  tl::expected<std::string, error>
  query(const query_request& request) override {
    const auto compress = where_.compression != "none";
    url_builder url{where_.url};
    if (!makes_database(request.sql))
      url.add("database", where_.database);
    url.add("wait_end_of_query", "1");
    if (compress)
      url.add("enable_http_compression", "1");
    if (!request.format.empty())
      url.add("default_format", request.format);
    if (!request.query_id.empty())
      url.add("query_id", request.query_id);
    url.add(request.options);
    url.add(request.parameters, "param_");

    const auto sql = std::as_bytes(std::span{request.sql});
    const auto body = make_request_body({&sql, 1}, "none");
    return post(url.take(), *body,
                {.compressed_reply = compress, .timeout = request.timeout});
  }

  tl::expected<void, error> insert(const insert_request& request) override {
    url_builder url{where_.url};
    url.add("database", where_.database);
    url.add("query", insert_statement(request));
    url.add("wait_end_of_query", "1");
    url.add(insert_settings(request));
    const auto body = make_request_body(request.pieces, where_.compression);
    if (body == nullptr)
      return tl::unexpected(
          error{.what = remedy::retry,
                .code = 0,
                .outcome_unknown = false,
                .message = "not enough memory to compress a block"});
    auto reply = post(url.take(), *body,
                      {.repeatable = !request.deduplication_token.empty()});
    if (!reply)
      return tl::unexpected(std::move(reply.error()));
    return {};
  }

private:
  struct post_options {
    bool repeatable = false;
    bool compressed_reply = false;
    std::chrono::milliseconds timeout{0};
  };

  tl::expected<std::string, error> post(std::string url, request_body& body,
                                        const post_options& options) {
    if (auto reason = refusal(); !reason.empty())
      return tl::unexpected(error{.what = remedy::stop,
                                  .code = 0,
                                  .outcome_unknown = false,
                                  .message = std::move(reason)});
    auto origin = origin_;
    if (options.timeout.count() > 0)
      origin.timeout = options.timeout;
    std::vector<std::string> headers;
    if (!where_.user.empty())
      headers.push_back("X-ClickHouse-User: " + where_.user);
    if (!where_.password.empty())
      headers.push_back("X-ClickHouse-Key: " + where_.password);
    if (const auto encoding = body.encoding(); !encoding.empty())
      headers.push_back("Content-Encoding: " + std::string{encoding});
    auto reply = connection_.post({.url = std::move(url),
                                   .headers = std::move(headers),
                                   .body = body,
                                   .repeatable = options.repeatable,
                                   .compressed_reply = options.compressed_reply,
                                   .connect_timeout = where_.connect_timeout,
                                   .timeout = origin.timeout,
                                   .ca_file = where_.ca_file});
    return read_reply(std::move(reply), origin);
  }

  /// What of the topology cannot be sent as it is; empty: nothing.
  [[nodiscard]] std::string refusal() const {
    if (find_credentials(where_.url).size != 0)
      return "clickhouse.url " + origin_.url
             + " holds a user: write it as clickhouse.user and "
               "clickhouse.password";
    if (std::ranges::any_of(where_.user, is_control)
        || std::ranges::any_of(where_.password, is_control))
      return "clickhouse.user or clickhouse.password for " + origin_.url
             + " holds a line break or another control character";
    return {};
  }

  topology::clickhouse where_;
  http_origin origin_;
  http_connection connection_;
};

class http_server_endpoint : public endpoint {
public:
  explicit http_server_endpoint(const topology::clickhouse& where)
      : where_(where) {
    // Counted and thread-safe in the libcurl that Debian packages; libcurl's
    // state lives as long as the process.
    curl_global_init(CURL_GLOBAL_DEFAULT);
  }
  std::unique_ptr<client> connect() override {
    return make_http_client(where_);
  }
  [[nodiscard]] std::string name() const override {
    return without_credentials(where_.url);
  }

private:
  topology::clickhouse where_;
};

} // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const auto plain =
        byte < 0x80
        && (std::isalnum(byte) != 0
            || std::string_view{"-._~"}.find(c) != std::string_view::npos);
    if (plain) {
      result += c;
      continue;
    }
    result += '%';
    result += digits[byte >> 4U];
    result += digits[byte & 15U];
  }
  return result;
}

std::string without_credentials(std::string_view url) {
  const auto found = find_credentials(url);
  std::string result{url};
  return result.erase(found.begin, found.size);
}

std::unique_ptr<client> make_http_client(const topology::clickhouse& where) {
  return std::make_unique<http_client>(where);
}

std::unique_ptr<endpoint> http_endpoint(const topology::clickhouse& where) {
  return std::make_unique<http_server_endpoint>(where);
}

} // namespace sluice::clickhouse
