#include "cdc/base64.hpp"
#include "cdc/convert_number.hpp"
#include "cdc/json_string.hpp"

namespace sluice::cdc {

namespace {

constexpr int128 largest_int128 = ~(int128{1} << 127);

struct unscaled {
  enum class fit { exact, overflow, bad_encoding };
  fit what = fit::bad_encoding;
  int128 value = 0;
};

// Big-endian two's complement; Java writes the fewest bytes, others may not.
unscaled decode_integer(std::string_view base64, std::string& scratch) {
  if (!decode_base64(base64, scratch) || scratch.empty())
    return {};
  const auto byte = [&scratch](std::size_t at) {
    return static_cast<unsigned char>(scratch[at]);
  };
  const bool negative = byte(0) >= 0x80;
  const unsigned char filler = negative ? 0xFF : 0;
  std::size_t first = 0;
  while (scratch.size() - first > sizeof(int128) && byte(first) == filler)
    ++first;
  const bool has_sign = (byte(first) >= 0x80) == negative;
  if (scratch.size() - first > sizeof(int128) || !has_sign)
    return {unscaled::fit::overflow,
            negative ? -largest_int128 : largest_int128};
  uint128 bits = negative ? ~uint128{0} : 0;
  for (auto at = first; at < scratch.size(); ++at)
    bits = (bits << 8U) | byte(at);
  return {unscaled::fit::exact, static_cast<int128>(bits)};
}

conversion<int128> in_precision(int128 number, const decimal_target& target,
                                bool is_exact) {
  const auto limit = power_of_ten(target.precision) - 1;
  if (number > limit)
    return {fit::out_of_range, limit};
  if (number < -limit)
    return {fit::out_of_range, -limit};
  return {is_exact ? fit::exact : fit::inexact, number};
}

conversion<int128> from_text(std::string_view text,
                             const decimal_target& target) {
  const auto limit = power_of_ten(target.precision) - 1;
  if (text == "Infinity" || text == "POSITIVE_INFINITY")
    return {fit::out_of_range, limit};
  if (text == "-Infinity" || text == "NEGATIVE_INFINITY")
    return {fit::out_of_range, -limit};
  if (!is_plain_number(text))
    return {fit::wrong_type};
  const auto number = scale_number(text, target.scale, rounding::toward_zero);
  if (number.what == scaled_number::fit::overflow)
    return {fit::out_of_range, number.value < 0 ? -limit : limit};
  return in_precision(number.value, target,
                      number.what == scaled_number::fit::exact);
}

conversion<int128> from_base64(std::string_view text,
                               const decimal_target& target,
                               std::string& scratch) {
  const auto number = decode_integer(text, scratch);
  if (number.what == unscaled::fit::bad_encoding)
    return {fit::bad_encoding};
  return in_precision(number.value, target, true);
}

// The unscaled integer at `scale` moved to the target's.
conversion<int128> rescaled(const unscaled& number, int scale,
                            const decimal_target& target) {
  const auto limit = power_of_ten(target.precision) - 1;
  const auto saturated = number.value < 0 ? -limit : limit;
  const int shift = target.scale - scale;
  if (number.value == 0)
    return {fit::exact, 0};
  if (shift >= 0) {
    int128 product = 0;
    if (shift > 38
        || __builtin_mul_overflow(number.value, power_of_ten(shift), &product))
      return {fit::out_of_range, saturated};
    return in_precision(product, target, true);
  }
  if (shift < -38)
    return in_precision(0, target, false);
  const auto divisor = power_of_ten(-shift);
  return in_precision(number.value / divisor, target,
                      number.value % divisor == 0);
}

conversion<int128> from_variable_scale(const value& from,
                                       const decimal_target& target,
                                       std::string& scratch) {
  value scale;
  value digits;
  const bool fits = from.document->each_member(
      from.at, [&](std::size_t, std::string_view name, json_document::node at) {
        if (name != "scale" && name != "value")
          return false;
        (name == "scale" ? scale : digits) = value_at(*from.document, at);
        return true;
      });
  if (!fits || digits.form != value_form::string || digits.escaped
      || scale.form != value_form::number)
    return {fit::wrong_type};
  constexpr int128 farthest = 100'000;
  const auto places = to_integer(scale, -farthest, farthest, false);
  if (places.what != fit::exact)
    return {fit::wrong_type};
  const auto number = decode_integer(digits.text, scratch);
  if (number.what == unscaled::fit::bad_encoding)
    return {fit::bad_encoding};
  if (number.what == unscaled::fit::overflow) {
    // More than 38 digits: what remains of them depends on the scale, which
    // only exact division of wider integers could tell.
    const auto limit = power_of_ten(target.precision) - 1;
    return {fit::out_of_range, number.value < 0 ? -limit : limit};
  }
  return rescaled(number, static_cast<int>(places.nearest), target);
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

conversion<int128> from_string(std::string_view text,
                               const decimal_target& target,
                               std::string& scratch) {
  const bool may_be_base64 = !text.empty() && text.size() % 4 == 0;
  if (may_be_base64 && is_digits(text) && target.scale == 0)
    return {fit::wrong_type, 0,
            " (digits and base64 look alike here: use "
            "decimal.handling.mode=precise with decimal.format=NUMERIC)"};
  // It could be base64 as well, but no real number is as likely.
  if (text == "Infinity")
    return from_text(text, target);
  if (may_be_base64 && decode_base64(text, scratch))
    return from_base64(text, target, scratch);
  const auto number = from_text(text, target);
  if (number.what == fit::wrong_type)
    return {fit::bad_encoding, 0, " (neither base64 nor a number)"};
  return number;
}

} // namespace

conversion<int128> to_decimal(const value& from, const decimal_target& target,
                              std::string& scratch) {
  if (from.wrapped == wrapper::date)
    return {fit::wrong_type};
  switch (from.form) {
  case value_form::number:
    return from_text(from.text, target);
  case value_form::string:
    if (from.wrapped == wrapper::plain_text)
      return from_text(from.text, target);
    return from.wrapped == wrapper::none
               ? from_string(from.text, target, scratch)
               : conversion<int128>{fit::wrong_type};
  case value_form::object:
    return from_variable_scale(from, target, scratch);
  default:
    return {fit::wrong_type};
  }
}

} // namespace sluice::cdc
