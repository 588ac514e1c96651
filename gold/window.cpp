#include "gold/window.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>

namespace sluice::gold {

namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

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

std::optional<std::chrono::local_days> parse_date(std::string_view& text) {
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
  return std::chrono::local_days{date};
}

std::optional<seconds> parse_time_of_day(std::string_view& text) {
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

struct written_time {
  local_seconds time;
  bool is_utc = false;
};

std::optional<written_time> parse_whole(std::string_view text) {
  const auto date = parse_date(text);
  if (!date || text.empty())
    return date ? std::optional{written_time{*date, false}} : std::nullopt;
  if (!take(text, ' ') && !take(text, 'T'))
    return std::nullopt;
  const auto time = parse_time_of_day(text);
  if (!time)
    return std::nullopt;
  const bool is_utc = take(text, 'Z');
  if (!text.empty())
    return std::nullopt;
  return written_time{*date + *time, is_utc};
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
  return format_instant(what.start) + "/" + format_instant(what.end);
}

std::string format_utc(sys_seconds when) { return format(when, ' ', ""); }

std::string format_instant(sys_seconds when) { return format(when, 'T', "Z"); }

tl::expected<sys_seconds, std::string> parse_time(std::string_view text,
                                                  const time_zone& zone) {
  if (const auto found = parse_whole(text))
    return found->is_utc ? sys_seconds{found->time.time_since_epoch()}
                         : zone.first_instant(found->time);
  const bool is_utc = zone.name() == "UTC";
  return tl::unexpected(
      "'" + std::string(text)
      + "' is no time: write 2026-02-20, '2026-02-20 06:00' or "
        "2026-02-20T06:00:00Z "
      + (is_utc ? "(UTC)" : "(Z is UTC, without it " + zone.name() + ")"));
}

tl::expected<sys_seconds, std::string> parse_utc(std::string_view text) {
  return parse_time(text, time_zone{});
}

bool is_storable(const window& what) {
  constexpr auto largest =
      seconds{std::int64_t{std::numeric_limits<std::uint32_t>::max()}};
  return what.start.time_since_epoch() >= seconds{0}
         && what.end.time_since_epoch() <= largest;
}

} // namespace sluice::gold
