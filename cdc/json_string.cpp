#include "cdc/json_string.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace sluice::cdc {

namespace {

std::optional<std::uint32_t> four_hex_digits(std::string_view text) {
  if (text.size() < 4)
    return std::nullopt;
  std::uint32_t value = 0;
  const auto* end = text.data() + 4;
  const auto [stop, failure] = std::from_chars(text.data(), end, value, 16);
  if (failure != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

void append_utf8(std::uint32_t code, std::string& to) {
  const auto put = [&to](std::uint32_t byte) {
    to.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
  };
  const auto follow = [&put, code](unsigned shift) {
    put(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    follow(0);
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    follow(6);
    follow(0);
  } else {
    put(0xF0U | (code >> 18U));
    follow(12);
    follow(6);
    follow(0);
  }
}

// A \u escape, at the first hex digit; takes a surrogate pair whole.
bool decode_unicode(std::string_view& text, std::string& to) {
  const auto first = four_hex_digits(text);
  if (!first)
    return false;
  text.remove_prefix(4);
  if (*first < 0xD800 || *first > 0xDFFF) {
    append_utf8(*first, to);
    return true;
  }
  if (*first > 0xDBFF || !text.starts_with("\\u"))
    return false;
  const auto second = four_hex_digits(text.substr(2));
  if (!second || *second < 0xDC00 || *second > 0xDFFF)
    return false;
  text.remove_prefix(6);
  append_utf8(0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00), to);
  return true;
}

char simple_escape(char letter) {
  switch (letter) {
  case '"':
  case '\\':
  case '/':
    return letter;
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return '\0';
  }
}

} // namespace

bool has_escapes(std::string_view characters) {
  return !characters.empty()
         && std::memchr(characters.data(), '\\', characters.size()) != nullptr;
}

std::optional<std::string_view> decode_string(std::string_view characters,
                                              std::string& scratch) {
  scratch.clear();
  while (!characters.empty()) {
    const auto slash = characters.find('\\');
    scratch.append(characters.substr(0, slash));
    if (slash == std::string_view::npos)
      break;
    characters.remove_prefix(slash + 1);
    if (characters.empty())
      return std::nullopt;
    const char letter = characters.front();
    characters.remove_prefix(1);
    if (letter == 'u') {
      if (!decode_unicode(characters, scratch))
        return std::nullopt;
    } else if (const char plain = simple_escape(letter)) {
      scratch.push_back(plain);
    } else {
      return std::nullopt;
    }
  }
  return std::string_view(scratch);
}

void append_json_string(std::string_view text, std::string& to) {
  constexpr std::string_view hex = "0123456789abcdef";
  to.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to.push_back('\\');
      to.push_back(c);
    } else if (byte < 0x20) {
      to.append("\\u00");
      to.push_back(hex[byte >> 4U]);
      to.push_back(hex[byte & 0xFU]);
    } else {
      to.push_back(c);
    }
  }
  to.push_back('"');
}

} // namespace sluice::cdc
