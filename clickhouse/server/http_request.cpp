#include "clickhouse/server/http_request.hpp"

#include <charconv>

namespace sluice::clickhouse::server {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view take_line(std::string_view& text) {
  auto end = text.find("\r\n");
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool parse_request_line(std::string_view line, http_request& request) {
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return false;
  request.method = line.substr(0, first);
  const auto version = line.substr(last + 1);
  request.is_http_1_0 = version == "HTTP/1.0";
  if (!request.is_http_1_0 && version != "HTTP/1.1")
    return false;
  auto target = line.substr(first + 1, last - first - 1);
  // The absolute form, as clients send it to a proxy.
  if (auto scheme = target.find("://");
      target.starts_with("http") && scheme != std::string_view::npos) {
    auto slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  if (auto fragment = target.find('#'); fragment != std::string_view::npos)
    target = target.substr(0, fragment);
  auto mark = target.find('?');
  request.path = decoded_url(target.substr(0, mark), false);
  if (mark != std::string_view::npos)
    request.parameters = parse_query_string(target.substr(mark + 1));
  return !request.path.empty() && request.path.front() == '/';
}

} // namespace

std::string http_request::parameter(std::string_view name) const {
  for (auto i = parameters.rbegin(); i != parameters.rend(); ++i)
    if (i->first == name)
      return i->second;
  return {};
}

std::string http_request::header(std::string_view name) const {
  auto found = headers.find(std::string{name});
  return found == headers.end() ? std::string{} : found->second;
}

bool http_request::keeps_connection() const {
  const auto wish = lower(header("connection"));
  if (is_http_1_0)
    return wish == "keep-alive";
  return wish != "close";
}

bool http_request::is_chunked() const {
  return lower(header("transfer-encoding")).ends_with("chunked");
}

std::optional<std::uint64_t> http_request::content_length() const {
  const auto text = header("content-length");
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end)
    return std::nullopt;
  return value;
}

std::optional<http_request> parse_request(std::string_view head) {
  http_request request;
  if (!parse_request_line(take_line(head), request))
    return std::nullopt;
  while (!head.empty()) {
    auto line = take_line(head);
    auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
      return std::nullopt;
    request.headers[lower(line.substr(0, colon))] =
        trimmed(line.substr(colon + 1));
  }
  return request;
}

std::string decoded_url(std::string_view text, bool plus_is_space) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+' && plus_is_space) {
      result += ' ';
    } else if (c == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0
               && hex(text[i + 2]) >= 0) {
      result += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      result += c;
    }
  }
  return result;
}

std::vector<std::pair<std::string, std::string>>
parse_query_string(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!text.empty()) {
    auto end = text.find('&');
    auto item = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (item.empty())
      continue;
    auto equals = item.find('=');
    auto value = equals == std::string_view::npos ? std::string_view{}
                                                  : item.substr(equals + 1);
    result.emplace_back(decoded_url(item.substr(0, equals), true),
                        decoded_url(value, true));
  }
  return result;
}

} // namespace sluice::clickhouse::server
