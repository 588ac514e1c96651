#include "cdc/plain_value.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

#include "cdc/convert_time.hpp"
#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

using silver::column_buffer;
using silver::type_kind;
using topology::time_unit;

template <class T>
bool append_integer(const column_plan& plan, const value& from,
                    column_buffer& column) {
  std::int64_t number = 0;
  if (from.form != value_form::number || !parse_short_integer(from.text, number)
      || number < plan.least || number > plan.most)
    return false;
  column.append(static_cast<T>(number));
  return true;
}

template <class T>
bool append_ticks(const column_plan& plan, const value& from,
                  column_buffer& column) {
  if (from.unit != time_unit::automatic)
    return false;
  const auto ticks = short_ticks(from, plan.ticks_per_unit, plan.time);
  if (ticks)
    column.append(static_cast<T>(*ticks));
  return ticks.has_value();
}

/// Digits with a point among them, which is no base64, times 10^scale (at most
/// 18).
std::optional<std::int64_t> unscaled_of(std::string_view text, int scale) {
  const auto point = text.find('.');
  if (point == std::string_view::npos)
    return std::nullopt;
  const auto fraction = text.substr(point + 1);
  const auto missing = scale - static_cast<int>(fraction.size());
  std::int64_t whole = 0;
  std::int64_t rest = 0;
  if (missing < 0 || !parse_short_integer(text.substr(0, point), whole)
      || !parse_short_integer(fraction, rest) || fraction.front() == '-')
    return std::nullopt;
  rest *= static_cast<std::int64_t>(power_of_ten(missing));
  if (text.front() == '-')
    rest = -rest;
  const auto unit = static_cast<std::int64_t>(power_of_ten(scale));
  std::int64_t result = 0;
  if (__builtin_mul_overflow(whole, unit, &result)
      || __builtin_add_overflow(result, rest, &result))
    return std::nullopt;
  return result;
}

bool append_decimal(const column_plan& plan, const value& from,
                    column_buffer& column) {
  constexpr int digits_of_32_bits = 9;
  constexpr int digits_of_64_bits = 18;
  if (plan.type.precision > digits_of_64_bits
      || (from.form != value_form::number && from.form != value_form::string))
    return false;
  const auto number = unscaled_of(from.text, plan.type.scale);
  const auto limit = power_of_ten(plan.type.precision);
  if (!number || *number >= limit || *number <= -limit)
    return false;
  if (plan.type.precision <= digits_of_32_bits)
    column.append(static_cast<std::int32_t>(*number));
  else
    column.append(*number);
  return true;
}

} // namespace

bool append_plain(const column_plan& plan, const value& from,
                  column_buffer& column) {
  if (!plan.may_be_plain || from.wrapped != wrapper::none || from.escaped)
    return false;
  switch (plan.type.kind) {
  case type_kind::int8:
    return append_integer<std::int8_t>(plan, from, column);
  case type_kind::int16:
    return append_integer<std::int16_t>(plan, from, column);
  case type_kind::int32:
    return append_integer<std::int32_t>(plan, from, column);
  case type_kind::int64:
    return append_integer<std::int64_t>(plan, from, column);
  case type_kind::uint8:
    return append_integer<std::uint8_t>(plan, from, column);
  case type_kind::uint16:
    return append_integer<std::uint16_t>(plan, from, column);
  case type_kind::uint32:
    return append_integer<std::uint32_t>(plan, from, column);
  case type_kind::uint64:
    return append_integer<std::uint64_t>(plan, from, column);
  case type_kind::datetime:
    return append_ticks<std::uint32_t>(plan, from, column);
  case type_kind::datetime64:
    return append_ticks<std::int64_t>(plan, from, column);
  case type_kind::decimal:
    return append_decimal(plan, from, column);
  case type_kind::string:
    if (from.form != value_form::string)
      return false;
    column.append_string(from.text);
    return true;
  default:
    return false;
  }
}

} // namespace sluice::cdc
