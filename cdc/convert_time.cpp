#include "cdc/convert_time.hpp"

#include <limits>

#include "cdc/civil_time.hpp"
#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

using silver::type_kind;
using topology::time_unit;

constexpr std::int64_t first_second = -2'208'988'800; // 1900-01-01
constexpr std::int64_t last_second = 10'413'791'999;  // 2299-12-31 23:59:59

std::int64_t power(int exponent) {
  return static_cast<std::int64_t>(power_of_ten(exponent));
}

int digits_of(time_unit unit) {
  switch (unit) {
  case time_unit::ms:
    return 3;
  case time_unit::us:
    return 6;
  case time_unit::ns:
    return 9;
  default:
    return 0;
  }
}

conversion<std::int64_t> in_range(const scaled_number& ticks,
                                  const time_target& target) {
  if (ticks.value < target.least)
    return {fit::out_of_range, target.least};
  if (ticks.value > target.most)
    return {fit::out_of_range, target.most};
  const bool is_exact = ticks.what == scaled_number::fit::exact;
  return {is_exact ? fit::exact : fit::inexact,
          static_cast<std::int64_t>(ticks.value)};
}

// `count` units of 10^-digits seconds, or days.
conversion<std::int64_t> from_count(int128 count, time_unit unit, int digits,
                                    const time_target& target) {
  if (unit == time_unit::days) {
    const auto factor =
        target.is_date ? 1 : seconds_per_day * power(target.scale);
    return in_range(rescale(count, factor, power(digits)), target);
  }
  if (target.is_date)
    return in_range(
        rescale(rescale(count, 1, power(digits)).value, 1, seconds_per_day),
        target);
  const int shift = target.scale - digits;
  return in_range(shift >= 0 ? rescale(count, power(shift), 1)
                             : rescale(count, 1, power(-shift)),
                  target);
}

// A moment within a day is finer than a date can hold.
conversion<std::int64_t> from_seconds(int128 count, int digits,
                                      const time_target& target) {
  auto result = from_count(count, time_unit::s, digits, target);
  if (!target.is_date || result.what != fit::exact)
    return result;
  const int128 day = int128{seconds_per_day} * power(digits);
  if (count % day != 0)
    result.what = fit::inexact;
  return result;
}

conversion<std::int64_t> from_number(std::string_view text, time_unit unit,
                                     const time_target& target) {
  if (unit == time_unit::automatic) {
    if (!target.is_date)
      return {fit::wrong_type, 0,
              " (a number: say with `unit` what it counts: s, ms, us, ns or "
              "days)"};
    unit = time_unit::days;
  }
  auto count = scale_number(text, 0, rounding::down);
  int extra = 0;
  if (count.what == scaled_number::fit::inexact) {
    // A fraction of a unit; nine more digits are as far as any column sees.
    extra = 9;
    count = scale_number(text, extra, rounding::down);
  }
  if (count.what == scaled_number::fit::overflow)
    return {fit::out_of_range, count.value < 0 ? target.least : target.most};
  auto result =
      unit == time_unit::days
          ? from_count(count.value, unit, extra, target)
          : from_seconds(count.value, digits_of(unit) + extra, target);
  if (count.what == scaled_number::fit::inexact && result.what == fit::exact)
    result.what = fit::inexact;
  return result;
}

} // namespace

std::int64_t ticks_per_unit(const time_target& target, time_unit unit) {
  const int shift = target.scale - digits_of(unit);
  return target.is_date || shift < 0 || unit == time_unit::automatic
                 || unit == time_unit::days
             ? 0
             : power(shift);
}

std::optional<std::int64_t> short_ticks(const value& from,
                                        std::int64_t ticks_per_unit,
                                        const time_target& target) {
  std::int64_t count = 0;
  if (ticks_per_unit == 0 || from.form != value_form::number
      || !parse_short_integer(from.text, count)
      || __builtin_mul_overflow(count, ticks_per_unit, &count)
      || count < target.least || count > target.most)
    return std::nullopt;
  return count;
}

time_target make_time_target(const silver::column_type& type) {
  switch (type.kind) {
  case type_kind::date:
    return {true, 0, 0, std::numeric_limits<std::uint16_t>::max()};
  case type_kind::date32:
    return {true, 0, -25'567, 120'529};
  case type_kind::datetime:
    return {false, 0, 0, std::numeric_limits<std::uint32_t>::max()};
  default: {
    const auto ticks = power(type.scale);
    constexpr auto far = std::numeric_limits<std::int64_t>::max();
    const auto last = int128{last_second + 1} * ticks - 1;
    return {false, type.scale, first_second * ticks,
            last > far ? far : static_cast<std::int64_t>(last)};
  }
  }
}

conversion<std::int64_t> to_time(const value& from, const time_target& target,
                                 topology::time_unit unit) {
  const auto own = from.unit == time_unit::automatic ? unit : from.unit;
  if (const auto ticks = short_ticks(from, ticks_per_unit(target, own), target))
    return {fit::exact, *ticks};
  if (from.form == value_form::number)
    return is_plain_number(from.text) ? from_number(from.text, own, target)
                                      : conversion<std::int64_t>{};
  if (from.form != value_form::string)
    return {fit::wrong_type};
  if (const auto time = parse_time(from.text)) {
    switch (time->what) {
    case point_in_time::form::positive_infinity:
      return {fit::out_of_range, target.most};
    case point_in_time::form::negative_infinity:
      return {fit::out_of_range, target.least};
    case point_in_time::form::finite:
      return from_seconds(time->nanoseconds, 9, target);
    }
  }
  if (unit != time_unit::automatic && is_plain_number(from.text))
    return from_number(from.text, unit, target);
  return {fit::wrong_type, 0, " (no ISO-8601 time with an offset or Z)"};
}

} // namespace sluice::cdc
