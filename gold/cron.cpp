#include "gold/cron.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <vector>

namespace sluice::gold {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;

// The longest gap between two firings: 29 February around a year like 2100.
constexpr days horizon{9 * 366};

constexpr std::array<std::string_view, 12> month_names = {
    "jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct field {
  std::string_view title;
  int lowest;
  int highest;
  std::span<const std::string_view> names;
  int first_name;
};

constexpr std::array<field, 5> fields = {{{"minute", 0, 59, {}, 0},
                                          {"hour", 0, 23, {}, 0},
                                          {"day of month", 1, 31, {}, 0},
                                          {"month", 1, 12, month_names, 1},
                                          {"weekday", 0, 7, weekday_names, 0}}};

std::vector<std::string_view> split(std::string_view text,
                                    std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  while (from <= text.size()) {
    const auto to = std::min(text.find_first_of(separators, from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::vector<std::string_view> split_words(std::string_view text) {
  auto parts = split(text, " \t");
  std::erase(parts, std::string_view{});
  return parts;
}

bool equals_name(std::string_view text, std::string_view name) {
  if (text.size() != name.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    const auto lower =
        c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != name[i])
      return false;
  }
  return true;
}

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || rest != end || text.front() == '-')
    return std::nullopt;
  return value;
}

std::optional<int> parse_value(std::string_view text, const field& of) {
  for (std::size_t i = 0; i < of.names.size(); ++i)
    if (equals_name(text, of.names[i]))
      return of.first_name + static_cast<int>(i);
  const auto value = parse_number(text);
  if (!value || *value < of.lowest || *value > of.highest)
    return std::nullopt;
  return value;
}

struct range {
  int from;
  int to;
  int step;
};

/// One element of a list: "*", "5", "1-5", each with "/step".
std::optional<range> parse_range(std::string_view text, const field& of) {
  range result{of.lowest, of.highest, 1};
  const auto slash = text.find('/');
  const auto values = text.substr(0, slash);
  if (slash != std::string_view::npos) {
    const auto step = parse_number(text.substr(slash + 1));
    if (!step || *step < 1)
      return std::nullopt;
    result.step = *step;
  }
  if (values == "*")
    return result;
  const auto dash = values.find('-');
  const auto from = parse_value(values.substr(0, dash), of);
  if (!from)
    return std::nullopt;
  result.from = *from;
  if (dash != std::string_view::npos) {
    const auto to = parse_value(values.substr(dash + 1), of);
    if (!to)
      return std::nullopt;
    result.to = *to;
  } else if (slash == std::string_view::npos) {
    result.to = *from;
  }
  if (result.to < result.from)
    return std::nullopt;
  return result;
}

/// Calls `set` with each value of the field; the error names the field.
template <class Set>
std::string parse_field(std::string_view text, const field& of, Set set) {
  for (auto part : split(text, ",")) {
    const auto values = parse_range(part, of);
    if (!values)
      return "'" + std::string(part) + "' is no " + std::string(of.title)
             + " of a cron schedule (" + std::to_string(of.lowest) + "-"
             + std::to_string(of.highest)
             + (of.names.empty() ? "" : " or English names of three letters")
             + ", lists 1,2, ranges 1-5, steps */2)";
    // A step may be larger than the field; stop before it overflows.
    for (long value = values->from; value <= values->to; value += values->step)
      set(static_cast<std::size_t>(value));
  }
  return {};
}

bool matches(const cron_rule& rule, local_days day) {
  const std::chrono::year_month_day date{day};
  if (!rule.months[static_cast<unsigned>(date.month())])
    return false;
  const auto in_month = rule.days_of_month[static_cast<unsigned>(date.day())];
  const auto in_week = rule.weekdays[std::chrono::weekday{day}.c_encoding()];
  if (rule.any_day_of_month || rule.any_weekday)
    return in_month && in_week;
  return in_month || in_week;
}

std::optional<local_seconds> first_on(const cron_rule& rule, local_days day,
                                      local_seconds from) {
  for (std::size_t hour = 0; hour < rule.hours.size(); ++hour) {
    const local_seconds at = day + std::chrono::hours{hour};
    if (!rule.hours[hour] || at + std::chrono::hours{1} <= from)
      continue;
    for (std::size_t minute = 0; minute < rule.minutes.size(); ++minute) {
      const local_seconds firing = at + std::chrono::minutes{minute};
      if (rule.minutes[minute] && firing >= from)
        return firing;
    }
  }
  return std::nullopt;
}

std::optional<local_seconds> last_on(const cron_rule& rule, local_days day,
                                     local_seconds until) {
  for (auto hour = rule.hours.size(); hour-- > 0;) {
    const local_seconds at = day + std::chrono::hours{hour};
    if (!rule.hours[hour] || at > until)
      continue;
    for (auto minute = rule.minutes.size(); minute-- > 0;) {
      const local_seconds firing = at + std::chrono::minutes{minute};
      if (rule.minutes[minute] && firing <= until)
        return firing;
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<local_seconds> next_after(const cron_rule& rule,
                                        local_seconds when) {
  const auto from = when + std::chrono::seconds{1};
  const auto first = std::chrono::floor<days>(from);
  for (auto day = first; day <= first + horizon; day += days{1})
    if (matches(rule, day))
      if (const auto firing = first_on(rule, day, from))
        return firing;
  return std::nullopt;
}

std::optional<local_seconds> last_until(const cron_rule& rule,
                                        local_seconds when) {
  const auto last = std::chrono::floor<days>(when);
  for (auto day = last; day >= last - horizon; day -= days{1})
    if (matches(rule, day))
      if (const auto firing = last_on(rule, day, when))
        return firing;
  return std::nullopt;
}

tl::expected<cron_rule, std::string> parse_cron(std::string_view text) {
  const auto words = split_words(text);
  if (words.size() != fields.size())
    return tl::unexpected("a cron schedule has five fields (minute hour "
                          "day-of-month month weekday), not "
                          + std::to_string(words.size()));
  cron_rule rule;
  std::array<std::string, 5> mistakes = {
      parse_field(words[0], fields[0],
                  [&](std::size_t value) { rule.minutes.set(value); }),
      parse_field(words[1], fields[1],
                  [&](std::size_t value) { rule.hours.set(value); }),
      parse_field(words[2], fields[2],
                  [&](std::size_t value) { rule.days_of_month.set(value); }),
      parse_field(words[3], fields[3],
                  [&](std::size_t value) { rule.months.set(value); }),
      parse_field(words[4], fields[4],
                  [&](std::size_t value) { rule.weekdays.set(value % 7); })};
  for (auto& mistake : mistakes)
    if (!mistake.empty())
      return tl::unexpected(std::move(mistake));
  rule.any_day_of_month = words[2].front() == '*';
  rule.any_weekday = words[4].front() == '*';
  if (!next_after(rule, local_days{std::chrono::year{2000} / 1 / 1}))
    return tl::unexpected("the cron schedule '" + std::string(text)
                          + "' never fires: no such day exists");
  return rule;
}

} // namespace sluice::gold
