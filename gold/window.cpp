#include "gold/window.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace sluice::gold {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

/// Rounds towards minus infinity, so that times before 1970 align as well.
seconds::rep floor_div(seconds::rep value, seconds::rep by) {
  auto quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

/// Reads exactly `digits` digits at the front of `text` and takes them off.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits)
    return std::nullopt;
  int value = 0;
  for (auto c : text.substr(0, digits)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_seconds> parse_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-'))
    return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-'))
    return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day)
    return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{*year},
      std::chrono::month{static_cast<unsigned>(*month)},
      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<seconds> parse_time(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':'))
    return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59)
    return std::nullopt;
  int second = 0;
  if (take(text, ':')) {
    const auto value = take_number(text, 2);
    if (!value || *value > 59)
      return std::nullopt;
    second = *value;
  }
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute}
         + seconds{second};
}

std::optional<sys_seconds> parse_whole(std::string_view text) {
  auto result = parse_date(text);
  if (!result || text.empty())
    return result;
  if (!take(text, ' ') && !take(text, 'T'))
    return std::nullopt;
  const auto time = parse_time(text);
  if (!time)
    return std::nullopt;
  take(text, 'Z');
  if (!text.empty())
    return std::nullopt;
  return *result + *time;
}

std::string format(sys_seconds when, char between, std::string_view suffix) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  std::array<char, 48> buffer{};
  const auto size = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02u%c%02d:%02d:%02d",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), between,
      static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return std::string(buffer.data(), static_cast<std::size_t>(size))
      .append(suffix);
}

} // namespace

std::string to_string(const window& what) {
  return format(what.start, 'T', "Z") + "/" + format(what.end, 'T', "Z");
}

std::string format_utc(sys_seconds when) { return format(when, ' ', ""); }

tl::expected<sys_seconds, std::string> parse_utc(std::string_view text) {
  if (const auto result = parse_whole(text))
    return *result;
  return tl::unexpected("'" + std::string(text)
                        + "' is no time: write 2026-02-20, "
                          "'2026-02-20 06:00' or 2026-02-20T06:00:00Z (UTC)");
}

window align(sys_seconds when, seconds every) {
  const auto start =
      floor_div(when.time_since_epoch().count(), every.count()) * every.count();
  return {sys_seconds{seconds{start}}, sys_seconds{seconds{start} + every}};
}

window last_ended(sys_seconds now, seconds every, seconds lateness) {
  const auto open = align(now - lateness, every);
  return {open.start - every, open.start};
}

std::vector<window> windows_between(sys_seconds from, sys_seconds to,
                                    seconds every) {
  std::vector<window> result;
  if (to <= from)
    return result;
  auto first = align(from, every).start;
  const auto last = align(to - seconds{1}, every).start;
  const auto count =
      static_cast<std::uint64_t>((last - first).count() / every.count()) + 1;
  if (count > windows_max)
    first =
        last - every * static_cast<std::int64_t>(windows_max - std::size_t{1});
  for (auto start = first; start <= last; start += every)
    result.push_back({start, start + every});
  return result;
}

bool is_storable(const window& what) {
  constexpr auto largest =
      seconds{std::int64_t{std::numeric_limits<std::uint32_t>::max()}};
  return what.start.time_since_epoch() >= seconds{0}
         && what.end.time_since_epoch() <= largest;
}

} // namespace sluice::gold
