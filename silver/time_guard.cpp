#include "silver/time_guard.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include "silver/block_values.hpp"
#include "topology/quantity.hpp"

namespace sluice::silver {

namespace {

constexpr std::int64_t last_datetime =
    std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t seconds_a_day = 86'400;
/// No zone's clocks are farther from UTC.
constexpr std::int64_t zones_apart = 2 * seconds_a_day;

std::string date_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  std::array<char, 32> text{};
  std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::string moment_text(std::int64_t seconds) {
  const std::chrono::sys_seconds when{std::chrono::seconds{seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::hh_mm_ss time{when - day};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), " %02d:%02d:%02d UTC",
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return date_text(day) + text.data();
}

} // namespace

time_guard::time_guard(const topology::gold& of, std::size_t column,
                       midnight begin_of)
    : gold_{of.name}, name_{of.window.over_column}, column_{column},
      oldest_{of.window.oldest.time_since_epoch().count()},
      ahead_{of.window.ahead.count()}, begin_of_{std::move(begin_of)} {}

std::int64_t time_guard::newest(std::int64_t timestamp_ms) const {
  if (timestamp_ms < 0)
    return last_datetime;
  return std::min(timestamp_ms / 1000 + ahead_, last_datetime);
}

bool time_guard::lets_in(const column_buffer& times,
                         std::int64_t timestamp_ms) const {
  const auto moment = last_moment_of(times);
  if (moment == no_time)
    return true;
  const auto latest = newest(timestamp_ms);
  if (!holds_days(times.type()))
    return moment >= oldest_ && moment <= latest;
  const auto around = moment * seconds_a_day;
  if (around >= oldest_ + zones_apart && around <= latest - zones_apart)
    return true;
  const auto begin = begin_of_(moment);
  return begin >= oldest_ && begin <= latest;
}

std::string time_guard::refusal(const column_buffer& times,
                                std::int64_t timestamp_ms) const {
  const auto moment = last_moment_of(times);
  const auto value = holds_days(times.type()) ? date_text(std::chrono::sys_days{
                         std::chrono::days{static_cast<int>(moment)}})
                                              : moment_text(moment);
  const auto latest = newest(timestamp_ms);
  std::string why = ", the last that ClickHouse's DateTime has";
  if (latest != last_datetime)
    why = ", the record's timestamp + window.ahead ("
          + topology::to_text(std::chrono::seconds{ahead_}) + ")";
  return "column `" + name_ + "`: " + value + " is in no window of gold "
         + gold_ + ", which takes times from " + moment_text(oldest_)
         + " (window.oldest) to " + moment_text(latest) + why;
}

} // namespace sluice::silver
