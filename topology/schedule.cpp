#include "topology/schedule.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "topology/mistakes.hpp"
#include "topology/nearest.hpp"
#include "topology/quantity.hpp"

namespace sluice::topology {

namespace {

constexpr std::array<std::string_view, 7> named{
    "@hourly", "@daily",    "@weekly",  "@monthly",
    "@yearly", "@midnight", "@annually"};
/// As far as the gold module counts.
constexpr std::chrono::hours interval_max{24 * 3660};
constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr",
                                                  "may", "jun", "jul", "aug",
                                                  "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> days{"sun", "mon", "tue", "wed",
                                               "thu", "fri", "sat"};

struct cron_field {
  std::string_view name;
  unsigned min;
  unsigned max;
  std::span<const std::string_view> names;
};

constexpr std::array<cron_field, 5> fields_of_cron{{
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day of the month", 1, 31, {}},
    {"month", 1, 12, months},
    {"day of the week", 0, 7, days},
}};

using value_set = std::bitset<64>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos)
      return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  auto parts = split(text, ' ');
  std::erase_if(parts, [](auto part) { return part.empty(); });
  return parts;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return value;
}

tl::unexpected<std::string> wrong(const cron_field& field,
                                  std::string_view text) {
  return tl::make_unexpected(
      "has a cron field " + shown(text) + " that is no "
      + std::string{field.name} + " (" + std::to_string(field.min) + " to "
      + std::to_string(field.max) + ", *, a-b, a,b or */step)");
}

std::optional<unsigned> value_of(const cron_field& field,
                                 std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (text.size() == 3 && edit_distance(field.names[i], text) == 0)
      return static_cast<unsigned>(i) + field.min;
  }
  const auto value = number(text);
  if (!value || *value < field.min || *value > field.max)
    return std::nullopt;
  return value;
}

/// One of the parts between commas: "*", "a", "a-b", each with "/step".
tl::expected<value_set, std::string> parse_part(const cron_field& field,
                                                std::string_view part) {
  const auto slash = part.find('/');
  const auto values = part.substr(0, slash);
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto given = number(part.substr(slash + 1));
    if (!given || *given < 1 || *given > field.max)
      return wrong(field, part);
    step = *given;
  }
  unsigned low = field.min;
  unsigned high = field.max;
  if (values != "*") {
    const auto dash = values.find('-');
    const auto first = value_of(field, values.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : value_of(field, values.substr(dash + 1));
    if (!first || !last || *first > *last)
      return wrong(field, part);
    low = *first;
    // "5/15" means from 5 on, every 15.
    const bool from_on =
        dash == std::string_view::npos && slash != std::string_view::npos;
    high = from_on ? field.max : *last;
  }
  value_set set;
  for (unsigned value = low; value <= high; value += step)
    set.set(value);
  return set;
}

tl::expected<value_set, std::string> parse_field(const cron_field& field,
                                                 std::string_view text) {
  value_set set;
  for (const auto part : split(text, ',')) {
    auto values = parse_part(field, part);
    if (!values)
      return values;
    set |= *values;
  }
  return set;
}

/// Whether some month of `month_set` has a day of `day_set` in some year.
bool some_day_exists(const value_set& month_set, const value_set& day_set) {
  constexpr std::array<unsigned, 12> longest{31, 29, 31, 30, 31, 30,
                                             31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    for (unsigned day = 1; day <= longest.at(month - 1); ++day) {
      if (month_set.test(month) && day_set.test(day))
        return true;
    }
  }
  return false;
}

std::optional<std::string>
cron_mistake(const std::vector<std::string_view>& texts) {
  std::array<value_set, 5> sets;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const auto set = parse_field(fields_of_cron.at(i), texts[i]);
    if (!set)
      return set.error();
    sets.at(i) = *set;
  }
  // With a day of the week given, cron fires on either (POSIX crontab).
  const bool any_weekday = texts[4].starts_with('*');
  if (any_weekday && !some_day_exists(sets[3], sets[2]))
    return "names a day that no year has";
  return std::nullopt;
}

std::optional<std::string> interval_mistake(std::string_view interval) {
  while (interval.starts_with(' '))
    interval.remove_prefix(1);
  // "every day" is "every 1 day".
  const bool has_number =
      !interval.empty() && interval.front() >= '0' && interval.front() <= '9';
  const auto length = parse_duration(has_number ? std::string{interval}
                                                : "1 " + std::string{interval});
  if (!length)
    return "is not 'every' and a duration such as 15 minutes, 6h or 1 day";
  if (*length < std::chrono::seconds{1} || *length > interval_max
      || interval.ends_with("ms")
      || interval.find("milli") != std::string_view::npos)
    return "is not a whole number of seconds from 1 on, up to ten years";
  return std::nullopt;
}

} // namespace

std::optional<std::string> schedule_mistake(std::string_view text) {
  constexpr std::string_view every = "every ";
  if (text.starts_with(every))
    return interval_mistake(text.substr(every.size()));
  if (text.starts_with('@')) {
    if (std::find(named.begin(), named.end(), text) != named.end())
      return std::nullopt;
    return "is not a known schedule" + advice(text, named);
  }
  const auto parts = words(text);
  if (parts.size() == fields_of_cron.size())
    return cron_mistake(parts);
  return "is not a schedule: write @hourly, @daily, @weekly, @monthly, 'every "
         "6h' or five cron fields";
}

} // namespace sluice::topology
