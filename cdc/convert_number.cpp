#include "cdc/convert_number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sluice::cdc {

namespace {

conversion<int128> in_range(int128 number, int128 least, int128 most,
                            bool is_exact) {
  if (number < least)
    return {fit::out_of_range, least};
  if (number > most)
    return {fit::out_of_range, most};
  return {is_exact ? fit::exact : fit::inexact, number};
}

template <class Float>
conversion<Float> special_float(std::string_view text) {
  using limits = std::numeric_limits<Float>;
  if (text == "NaN" || text == "NAN")
    return {fit::exact, limits::quiet_NaN()};
  if (text == "Infinity" || text == "POSITIVE_INFINITY")
    return {fit::exact, limits::infinity()};
  if (text == "-Infinity" || text == "NEGATIVE_INFINITY")
    return {fit::exact, -limits::infinity()};
  return {fit::wrong_type};
}

// from_chars reports too large and too small alike.
template <class Float>
conversion<Float> beyond_range(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (scale_number(text, 0, rounding::toward_zero).value == 0)
    return {fit::exact, negative ? Float{-0.0F} : Float{0}};
  const auto infinity = std::numeric_limits<Float>::infinity();
  return {fit::out_of_range, negative ? -infinity : infinity};
}

template <class Float>
conversion<Float> to_float(const value& from) {
  if (from.form != value_form::number && from.form != value_form::string)
    return {fit::wrong_type};
  if (from.wrapped == wrapper::date)
    return {fit::wrong_type};
  auto text = from.text;
  if (!is_plain_number(text))
    return special_float<Float>(text);
  if (text.front() == '+')
    text.remove_prefix(1);
  Float number = 0;
  const auto failure =
      std::from_chars(text.data(), text.data() + text.size(), number).ec;
  if (failure == std::errc::result_out_of_range)
    return beyond_range<Float>(text);
  return {fit::exact, number};
}

} // namespace

conversion<int128> to_integer(const value& from, int128 least, int128 most,
                              bool is_byte) {
  if (from.wrapped == wrapper::date)
    return {fit::wrong_type};
  if (from.form == value_form::boolean && is_byte)
    return {fit::exact, from.text == "true" ? 1 : 0};
  if (from.form != value_form::number && from.form != value_form::string)
    return {fit::wrong_type};
  std::int64_t small = 0;
  if (parse_short_integer(from.text, small))
    return in_range(small, least, most, true);
  if (!is_plain_number(from.text))
    return {fit::wrong_type};
  const auto number = scale_number(from.text, 0, rounding::toward_zero);
  return in_range(number.value, least, most,
                  number.what == scaled_number::fit::exact);
}

conversion<std::uint8_t> to_boolean(const value& from) {
  if (from.form == value_form::boolean)
    return {fit::exact, static_cast<std::uint8_t>(from.text == "true")};
  if (from.form != value_form::number)
    return {fit::wrong_type};
  const auto number = to_integer(from, 0, 1, false);
  return {number.what, static_cast<std::uint8_t>(number.nearest)};
}

conversion<double> to_float64(const value& from) {
  return to_float<double>(from);
}

conversion<float> to_float32(const value& from) {
  return to_float<float>(from);
}

} // namespace sluice::cdc
