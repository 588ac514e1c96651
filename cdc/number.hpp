// Decimal numbers as text, converted without ever passing through a double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice::cdc {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

/// 10^exponent; `exponent` in 0..38.
[[nodiscard]] int128 power_of_ten(int exponent);

/// Whether `text` is a number as RFC 8259 writes it.
[[nodiscard]] bool is_json_number(std::string_view text);

/// Whether it is one with at most a leading sign ('+' too) and leading zeros,
/// as databases print numbers into strings.
[[nodiscard]] bool is_plain_number(std::string_view text);

/// The number that eight digits are; false: they are none. Their values are
/// joined to pairs, quadruples and the whole (Johnny Lee's way, as in
/// simdjson).
inline bool parse_eight_digits(const char* at, std::uint64_t& result) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  bytes ^= 0x3030303030303030U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  if (((bytes + 0x7676767676767676U) | bytes) & highs)
    return false;
  bytes = bytes * 10 + (bytes >> 8U);
  constexpr std::uint64_t mask = 0x000000FF000000FFU;
  constexpr std::uint64_t hundreds = 0x000F424000000064U; // 100 + (10^6 << 32)
  constexpr std::uint64_t ones = 0x0000271000000001U;     // 1 + (10^4 << 32)
  result = ((bytes & mask) * hundreds + ((bytes >> 16U) & mask) * ones) >> 32U;
  return true;
}

/// A whole number of at most 18 digits without exponent or '+', which nearly
/// all are; false: `text` is something else.
[[nodiscard]] inline bool parse_short_integer(std::string_view text,
                                              std::int64_t& result) {
  const bool negative = text.starts_with('-');
  if (negative)
    text.remove_prefix(1);
  constexpr std::size_t most_digits = 18;
  if (text.empty() || text.size() > most_digits)
    return false;
  std::int64_t value = 0;
  for (std::uint64_t eight = 0; text.size() >= 8; text.remove_prefix(8)) {
    if (!parse_eight_digits(text.data(), eight))
      return false;
    value = value * 100'000'000 + static_cast<std::int64_t>(eight);
  }
  for (const char c : text) {
    if (c < '0' || c > '9')
      return false;
    value = value * 10 + (c - '0');
  }
  result = negative ? -value : value;
  return true;
}

enum class rounding { toward_zero, down };

struct scaled_number {
  enum class fit { exact, inexact, overflow };
  fit what = fit::exact;
  /// The number times 10^scale, rounded as asked for; at an overflow the
  /// largest or smallest value of 38 digits.
  int128 value = 0;
};

/// `text` (is_json_number or is_plain_number) times 10^scale, `scale` in
/// -38..38. Exponents and lengths of any size are handled in linear time.
[[nodiscard]] scaled_number scale_number(std::string_view text, int scale,
                                         rounding mode);

/// value * multiply / divide (both positive), rounded down.
[[nodiscard]] scaled_number rescale(int128 value, std::int64_t multiply,
                                    std::int64_t divide);

} // namespace sluice::cdc
