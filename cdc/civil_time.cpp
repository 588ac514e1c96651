#include "cdc/civil_time.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace sluice::cdc {

namespace {

constexpr int128 nanoseconds_per_second = 1'000'000'000;

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

// Between `least` and `most` digits at the front.
std::optional<std::int64_t> take_digits(std::string_view& text,
                                        std::size_t least, std::size_t most) {
  std::int64_t value = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && text[count] >= '0'
         && text[count] <= '9')
    value = value * 10 + (text[count++] - '0');
  if (count < least)
    return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(std::int64_t year, int month) {
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30,
                                        31, 31, 30, 31, 30, 31};
  return days[static_cast<std::size_t>(month - 1)]
         + (month == 2 && is_leap(year) ? 1 : 0);
}

std::optional<std::int64_t> take_date(std::string_view& text) {
  const bool negative = text.starts_with('-');
  const bool has_sign = negative || text.starts_with('+');
  if (has_sign)
    text.remove_prefix(1);
  auto year = take_digits(text, 4, has_sign ? 9 : 4);
  if (!year || !skip(text, '-'))
    return std::nullopt;
  if (negative)
    year = -*year;
  const auto month = take_digits(text, 2, 2);
  if (!month || *month < 1 || *month > 12 || !skip(text, '-'))
    return std::nullopt;
  const auto day = take_digits(text, 2, 2);
  const auto month_number = static_cast<int>(*month);
  if (!day || *day < 1 || *day > days_in(*year, month_number))
    return std::nullopt;
  return days_from_civil(*year, month_number, static_cast<int>(*day));
}

// Nanoseconds of "11:51:30.123".
std::optional<int128> take_clock(std::string_view& text) {
  const auto hour = take_digits(text, 2, 2);
  if (!hour || *hour > 23 || !skip(text, ':'))
    return std::nullopt;
  const auto minute = take_digits(text, 2, 2);
  if (!minute || *minute > 59 || !skip(text, ':'))
    return std::nullopt;
  const auto second = take_digits(text, 2, 2);
  if (!second || *second > 59)
    return std::nullopt;
  int128 result =
      int128{*hour * 3600 + *minute * 60 + *second} * nanoseconds_per_second;
  if (skip(text, '.')) {
    const auto before = text.size();
    const auto fraction = take_digits(text, 1, 9);
    if (!fraction)
      return std::nullopt;
    const auto digits = static_cast<int>(before - text.size());
    result += *fraction * power_of_ten(9 - digits);
  }
  return result;
}

// Seconds east of UTC of "Z", "+02", "+0200", "+02:00".
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (skip(text, 'Z'))
    return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+'))
    return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2, 2);
  if (!hours || *hours > 18)
    return std::nullopt;
  std::int64_t seconds = *hours * 3600;
  if (!text.empty()) {
    skip(text, ':');
    const auto minutes = take_digits(text, 2, 2);
    if (!minutes || *minutes > 59)
      return std::nullopt;
    seconds += *minutes * 60;
  }
  return west ? -seconds : seconds;
}

} // namespace

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  // Years that start in March end with the leap day; their lengths repeat
  // every 400 years = 146,097 days, and 1970-01-01 is day 719,468 of them.
  const std::int64_t shifted = month <= 2 ? year - 1 : year;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const std::int64_t year_of_era = shifted - era * 400;
  const std::int64_t month_from_march = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

std::optional<point_in_time> parse_time(std::string_view text) {
  if (text == "infinity")
    return point_in_time{point_in_time::form::positive_infinity, 0};
  if (text == "-infinity")
    return point_in_time{point_in_time::form::negative_infinity, 0};
  const auto days = take_date(text);
  if (!days)
    return std::nullopt;
  point_in_time result;
  result.nanoseconds = int128{*days} * seconds_per_day * nanoseconds_per_second;
  if (text.empty() || text == "Z")
    return result;
  if (!skip(text, 'T'))
    return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock)
    return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty())
    return std::nullopt;
  result.nanoseconds += *clock - int128{*offset} * nanoseconds_per_second;
  return result;
}

std::string format_milliseconds(std::int64_t milliseconds) {
  constexpr std::int64_t per_day = seconds_per_day * 1000;
  std::int64_t days = milliseconds / per_day;
  std::int64_t rest = milliseconds % per_day;
  if (rest < 0) {
    rest += per_day;
    --days;
  }
  // The inverse of days_from_civil.
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era =
      (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524
       - day_of_era / 146'096)
      / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const auto month =
      month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const auto year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  std::array<char, 64> text{};
  const auto seconds = rest / 1000;
  const int size = std::snprintf(
      text.data(), text.size(), "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
      static_cast<long long>(year), static_cast<int>(month),
      static_cast<int>(day), static_cast<int>(seconds / 3600),
      static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
      static_cast<int>(rest % 1000));
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace sluice::cdc
