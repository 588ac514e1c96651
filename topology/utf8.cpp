#include "topology/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace sluice::topology {

std::size_t character_bytes(std::string_view text) {
  if (text.empty())
    return 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const auto lead = byte(0);
  if (lead < 0x80U)
    return 1;
  std::size_t length = 0;
  if (lead >= 0xC2U && lead <= 0xDFU)
    length = 2;
  else if (lead >= 0xE0U && lead <= 0xEFU)
    length = 3;
  else if (lead >= 0xF0U && lead <= 0xF4U)
    length = 4;
  if (length == 0 || text.size() < length)
    return 0;
  // The second byte alone tells overlong forms, surrogates and what is too
  // large (RFC 3629, section 4).
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0U)
    low = 0xA0;
  else if (lead == 0xEDU)
    high = 0x9F;
  else if (lead == 0xF0U)
    low = 0x90;
  else if (lead == 0xF4U)
    high = 0x8F;
  if (byte(1) < low || byte(1) > high)
    return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U)
      return 0;
  }
  return length;
}

std::size_t first_not_text(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    const bool control = static_cast<std::uint8_t>(c) < 0x20U || c == '\x7F';
    if (control && c != '\t' && c != '\n' && c != '\r')
      return at;
    const auto length = character_bytes(text.substr(at));
    if (length == 0)
      return at;
    at += length;
  }
  return std::string_view::npos;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    at += std::max<std::size_t>(1, character_bytes(text.substr(at)));
  return count;
}

} // namespace sluice::topology
