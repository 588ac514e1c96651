#include "chaos/http_message.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sluice::chaos {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

bool equal_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x))
           == std::tolower(static_cast<unsigned char>(y));
  });
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::optional<std::size_t> parse_size(std::string_view text, int base) {
  std::size_t result = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result, base);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

void read_field(std::string_view line, message_head& into) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (equal_letters(name, "content-length"))
    into.content_length = parse_size(value, 10);
  else if (equal_letters(name, "transfer-encoding"))
    into.chunked = equal_letters(value, "chunked");
  else if (equal_letters(name, "expect"))
    into.expects_continue = equal_letters(value, "100-continue");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  const auto lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0
        && hex_digit(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16
                                  + hex_digit(text[i + 2]));
      i += 2;
      continue;
    }
    result += text[i] == '+' ? ' ' : text[i];
  }
  return result;
}

} // namespace

std::optional<message_head> parse_head(std::string_view bytes) {
  const auto end = bytes.find(head_end);
  if (end == std::string_view::npos)
    return std::nullopt;
  message_head result;
  result.bytes = end + head_end.size();
  auto lines = bytes.substr(0, end);
  auto first = true;
  while (!lines.empty()) {
    const auto size = std::min(lines.find(line_end), lines.size());
    if (first)
      result.start_line = lines.substr(0, size);
    else
      read_field(lines.substr(0, size), result);
    first = false;
    lines.remove_prefix(std::min(size + line_end.size(), lines.size()));
  }
  return result;
}

body_scanner::body_scanner(const message_head& head)
    : chunked_{head.chunked},
      at_{head.bytes + (head.chunked ? 0 : head.content_length.value_or(0))} {}

bool body_scanner::is_complete(std::string_view bytes) {
  return chunked_ ? chunks_complete(bytes) : bytes.size() >= at_;
}

bool body_scanner::chunks_complete(std::string_view bytes) {
  while (at_ < bytes.size()) {
    const auto end = bytes.find(line_end, at_);
    if (end == std::string_view::npos)
      return false;
    const auto line = bytes.substr(at_, end - at_);
    if (in_trailer_) {
      at_ = end + line_end.size();
      if (line.empty())
        return true;
      continue;
    }
    const auto size = parse_size(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size) {
      broken_ = true;
      return false;
    }
    if (*size == 0) {
      at_ = end + line_end.size();
      in_trailer_ = true;
      continue;
    }
    const auto next = end + line_end.size() + *size + line_end.size();
    if (next > bytes.size())
      return false;
    at_ = next;
  }
  return false;
}

std::optional<std::string> url_parameter(std::string_view start_line,
                                         std::string_view name) {
  const auto question = start_line.find('?');
  if (question == std::string_view::npos)
    return std::nullopt;
  auto rest = start_line.substr(question + 1);
  rest = rest.substr(0, rest.find(' '));
  while (!rest.empty()) {
    const auto size = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, size);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      return equals == std::string_view::npos
                 ? std::string{}
                 : decoded(pair.substr(equals + 1));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return std::nullopt;
}

} // namespace sluice::chaos
