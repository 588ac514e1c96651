#include "status/http_get.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include <httplib.h>

namespace sluice::status {

namespace {

struct address {
  std::string host;
  int port = 80;
  std::string path = "/";
};

std::optional<address> parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    return std::nullopt;
  url.remove_prefix(scheme.size());
  address result;
  const auto slash = std::min(url.find('/'), url.size());
  auto where = url.substr(0, slash);
  if (slash < url.size())
    result.path = url.substr(slash);
  // A colon inside of brackets belongs to an IPv6 address.
  const auto bracket = where.rfind(']');
  const auto colon = where.rfind(':');
  if (colon != std::string_view::npos
      && (bracket == std::string_view::npos || colon > bracket)) {
    const auto digits = where.substr(colon + 1);
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [rest, failure] = std::from_chars(digits.data(), end, port);
    if (failure != std::errc{} || rest != end || port == 0)
      return std::nullopt;
    result.port = port;
    where = where.substr(0, colon);
  }
  if (where.starts_with('[') && where.ends_with(']'))
    where = where.substr(1, where.size() - 2);
  if (where.empty())
    return std::nullopt;
  result.host = where;
  return result;
}

std::string_view explain(httplib::Error failure) {
  switch (failure) {
  case httplib::Error::Connection:
    return "cannot connect (nothing listens there, or the host is unknown)";
  case httplib::Error::ConnectionTimeout:
    return "no connection in time";
  case httplib::Error::Read:
    return "no answer in time, or the connection was closed";
  case httplib::Error::Write:
    return "the connection was closed";
  default:
    return "the request failed";
  }
}

} // namespace

tl::expected<http_response, std::string>
http_get(const std::string& url, std::chrono::milliseconds deadline) {
  const auto where = parse_url(url);
  if (!where)
    return tl::unexpected("'" + url
                          + "' is no address: write http://host:port/path");
  httplib::Client client{where->host, where->port};
  client.set_connection_timeout(deadline);
  client.set_read_timeout(deadline);
  client.set_write_timeout(deadline);
  const auto answer = client.Get(where->path);
  if (!answer)
    return tl::unexpected(url + ": " + std::string(explain(answer.error())));
  return http_response{answer->status, answer->body};
}

} // namespace sluice::status
