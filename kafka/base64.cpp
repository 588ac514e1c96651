#include "kafka/base64.hpp"

#include <array>
#include <cstdint>

namespace sluice::kafka {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto values = [] {
  std::array<std::int8_t, 256> result{};
  result.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i)
    result[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  return result;
}();

} // namespace

std::string to_base64(std::string_view bytes) {
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n)
      bits = bits << 8U
             | (n < group.size() ? static_cast<unsigned char>(group[n]) : 0U);
    for (std::size_t n = 0; n < 4; ++n)
      result.push_back(n <= group.size() ? digits[(bits >> (18 - 6 * n)) & 63U]
                                         : '=');
  }
  return result;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string result;
  result.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char digit : text) {
    auto value = values[static_cast<unsigned char>(digit)];
    if (value < 0)
      return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result.push_back(static_cast<char>(bits >> count & 0xFFU));
    }
  }
  return result;
}

} // namespace sluice::kafka
