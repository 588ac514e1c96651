// Points in time as text: the ISO-8601 forms that Debezium and MongoDB write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cdc/number.hpp"

namespace sluice::cdc {

inline constexpr std::int64_t seconds_per_day = 86'400;

struct point_in_time {
  enum class form {
    finite,
    /// PostgreSQL's "infinity" and "-infinity".
    positive_infinity,
    negative_infinity,
  };
  form what = form::finite;
  /// Nanoseconds since 1970-01-01 UTC.
  int128 nanoseconds = 0;
};

/// Reads "2016-11-04T11:51:30.123456Z": a year of four digits, or of up to nine
/// with a sign; seconds; up to nine digits of fraction; Z or an offset (+02,
/// +0200, +02:00). Also "infinity" and "-infinity". A date alone ("2016-11-04",
/// "2017-09-15Z") is its first instant. std::nullopt: none of these. A time
/// without an offset is none: it is not known what it means.
[[nodiscard]] std::optional<point_in_time> parse_time(std::string_view text);

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar; month
/// 1..12, day 1..31.
[[nodiscard]] std::int64_t days_from_civil(std::int64_t year, int month,
                                           int day);

/// "2026-07-03T17:59:45.729Z"; `milliseconds` since 1970-01-01 UTC.
[[nodiscard]] std::string format_milliseconds(std::int64_t milliseconds);

} // namespace sluice::cdc
