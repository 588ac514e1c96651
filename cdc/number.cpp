#include "cdc/number.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "cdc/json_scan.hpp"

namespace sluice::cdc {

namespace {

using fit = scaled_number::fit;

constexpr int most_digits = 38;

constexpr auto powers = [] {
  std::array<int128, most_digits + 1> table{};
  int128 power = 1;
  for (auto& entry : table) {
    entry = power;
    if (&entry != &table.back())
      power *= 10;
  }
  return table;
}();

// Drops leading digits and returns how many there were.
std::size_t drop_digits(std::string_view& text) {
  const auto* behind = skip_digits(text.data(), text.data() + text.size());
  const auto count = static_cast<std::size_t>(behind - text.data());
  text.remove_prefix(count);
  return count;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

struct parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  /// Saturated far beyond what any text of allowed size can balance.
  std::int64_t exponent = 0;
};

parts split(std::string_view text) {
  constexpr std::int64_t far = 1'000'000'000;
  parts result;
  result.negative = skip(text, '-');
  skip(text, '+');
  const auto cut = [&text] {
    auto rest = text;
    const auto digits = text.substr(0, drop_digits(rest));
    text = rest;
    return digits;
  };
  result.whole = cut();
  if (skip(text, '.'))
    result.fraction = cut();
  if (text.empty())
    return result;
  text.remove_prefix(1);
  const bool down = skip(text, '-');
  skip(text, '+');
  for (const char c : text)
    result.exponent = std::min(result.exponent * 10 + (c - '0'), far);
  if (down)
    result.exponent = -result.exponent;
  return result;
}

constexpr int128 largest = powers[most_digits] - 1;

} // namespace

int128 power_of_ten(int exponent) {
  return powers[static_cast<std::size_t>(exponent)];
}

bool is_json_number(std::string_view text) {
  const auto* end = text.data() + text.size();
  return !text.empty() && scan_number(text.data(), end) == end;
}

bool is_plain_number(std::string_view text) {
  if (!skip(text, '-'))
    skip(text, '+');
  if (drop_digits(text) == 0)
    return false;
  const auto* end = text.data() + text.size();
  return scan_fraction_and_exponent(text.data(), end) == end;
}

scaled_number scale_number(std::string_view text, int scale, rounding mode) {
  const auto number = split(text);
  const auto size = number.whole.size() + number.fraction.size();
  const auto digit = [&number](std::size_t at) {
    return at < number.whole.size() ? number.whole[at]
                                    : number.fraction[at - number.whole.size()];
  };
  std::size_t first = 0;
  while (first < size && digit(first) == '0')
    ++first;
  if (first == size)
    return {};
  // Digits in front of the point after shifting by exponent and scale.
  const auto point =
      static_cast<std::int64_t>(number.whole.size()) + number.exponent + scale;
  const auto kept = point - static_cast<std::int64_t>(first);
  scaled_number result;
  if (kept > most_digits) {
    result.what = fit::overflow;
    result.value = number.negative ? -largest : largest;
    return result;
  }
  std::size_t at = first;
  for (auto left = kept; left > 0; --left) {
    result.value *= 10;
    if (at < size)
      result.value += digit(at++) - '0';
  }
  for (; at < size; ++at)
    if (digit(at) != '0')
      result.what = fit::inexact;
  if (number.negative)
    result.value = -result.value;
  if (result.what == fit::inexact && number.negative && mode == rounding::down)
    --result.value;
  return result;
}

scaled_number rescale(int128 value, std::int64_t multiply,
                      std::int64_t divide) {
  scaled_number result;
  int128 product = 0;
  if (__builtin_mul_overflow(value, int128{multiply}, &product)) {
    result.what = fit::overflow;
    result.value = value < 0 ? -largest : largest;
    return result;
  }
  result.value = product / divide;
  if (product % divide != 0) {
    result.what = fit::inexact;
    if (product < 0)
      --result.value;
  }
  return result;
}

} // namespace sluice::cdc
