#include <algorithm>
#include <cstddef>
#include <optional>

#include "gold/zone_offsets.hpp"

namespace sluice::gold {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c))
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_number(std::string_view& text, int min, int max) {
  if (text.empty() || !is_digit(text.front()))
    return std::nullopt;
  int value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    value = value * 10 + (text.front() - '0');
    if (value > max)
      return std::nullopt;
  }
  return value < min ? std::nullopt : std::optional{value};
}

/// "CET", "<+0330>": at least three characters.
bool take_name(std::string_view& text) {
  const auto is_plain = [](char c) { return is_letter(c); };
  const auto is_quoted = [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-';
  };
  const bool quoted = take(text, '<');
  const auto* end = quoted
                        ? std::find_if_not(text.begin(), text.end(), is_quoted)
                        : std::find_if_not(text.begin(), text.end(), is_plain);
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size >= 3 && (!quoted || take(text, '>'));
}

/// [+-]hh[:mm[:ss]].
std::optional<seconds> take_time(std::string_view& text, int hours_max) {
  const bool negative = take(text, '-');
  if (!negative)
    take(text, '+');
  const auto hours = take_number(text, 0, hours_max);
  if (!hours)
    return std::nullopt;
  seconds result = std::chrono::hours{*hours};
  for (const seconds unit : {seconds{60}, seconds{1}}) {
    if (!take(text, ':'))
      break;
    const auto value = take_number(text, 0, 59);
    if (!value)
      return std::nullopt;
    result += *value * unit;
  }
  return negative ? -result : result;
}

/// When in a year the clocks are changed, by the clock before the change.
struct yearly_change {
  enum class kind {
    /// The `week`th `weekday` of `month`; 5 is the last one.
    weekday_of_month,
    /// Day 1 to 365, 29 February not counted.
    day_without_leap,
    /// Day 0 to 365.
    day_of_year,
  };
  kind what = kind::day_of_year;
  unsigned month = 1;
  unsigned week = 1;
  unsigned weekday = 0;
  int day = 0;
  seconds time = std::chrono::hours{2};

  [[nodiscard]] local_days date(year in) const {
    namespace c = std::chrono;
    if (what == kind::weekday_of_month) {
      const c::weekday on{weekday};
      if (week == 5)
        return local_days{in / c::month{month} / on[c::last]};
      return local_days{in / c::month{month} / on[week]};
    }
    const local_days first{in / c::January / 1};
    if (what == kind::day_of_year)
      return first + days{day};
    const bool after_february = in.is_leap() && day >= 60;
    return first + days{after_february ? day : day - 1};
  }

  [[nodiscard]] sys_seconds in(year when, seconds offset_before) const {
    return sys_seconds{(date(when) + time).time_since_epoch() - offset_before};
  }
};

std::optional<yearly_change> take_change(std::string_view& text) {
  using kind = yearly_change::kind;
  yearly_change result;
  if (take(text, 'M')) {
    const auto month = take_number(text, 1, 12);
    if (!month || !take(text, '.'))
      return std::nullopt;
    const auto week = take_number(text, 1, 5);
    if (!week || !take(text, '.'))
      return std::nullopt;
    const auto weekday = take_number(text, 0, 6);
    if (!weekday)
      return std::nullopt;
    result.what = kind::weekday_of_month;
    result.month = static_cast<unsigned>(*month);
    result.week = static_cast<unsigned>(*week);
    result.weekday = static_cast<unsigned>(*weekday);
  } else {
    const bool without_leap = take(text, 'J');
    const auto day = take_number(text, without_leap ? 1 : 0, 365);
    if (!day)
      return std::nullopt;
    result.what = without_leap ? kind::day_without_leap : kind::day_of_year;
    result.day = *day;
  }
  if (take(text, '/')) {
    const auto time = take_time(text, 167);
    if (!time)
      return std::nullopt;
    result.time = *time;
  }
  return result;
}

struct zone_rule {
  seconds standard{0};
  seconds summer{0};
  /// Both or none.
  std::optional<yearly_change> starts;
  std::optional<yearly_change> ends;
};

std::optional<zone_rule> parse_rule(std::string_view text) {
  zone_rule result;
  // POSIX counts westwards.
  if (!take_name(text))
    return std::nullopt;
  const auto standard = take_time(text, 24);
  if (!standard)
    return std::nullopt;
  result.standard = -*standard;
  if (text.empty())
    return result;
  if (!take_name(text))
    return std::nullopt;
  result.summer = result.standard + std::chrono::hours{1};
  if (!text.starts_with(',')) {
    const auto summer = take_time(text, 24);
    if (!summer)
      return std::nullopt;
    result.summer = -*summer;
  }
  if (!take(text, ','))
    return std::nullopt;
  result.starts = take_change(text);
  if (!result.starts || !take(text, ','))
    return std::nullopt;
  result.ends = take_change(text);
  if (!result.ends || !text.empty())
    return std::nullopt;
  return result;
}

year year_of(sys_seconds when) {
  return std::chrono::year_month_day{std::chrono::floor<days>(when)}.year();
}

} // namespace

bool add_rule(std::string_view text, zone_offsets& into) {
  if (text.empty())
    return true;
  const auto rule = parse_rule(text);
  if (!rule)
    return false;
  if (!rule->starts)
    return true;
  // Before any change the rule holds from 1970 on, when windows begin.
  const sys_seconds last =
      into.changes.empty() ? sys_seconds{} : into.changes.back().at;
  if (last > sys_seconds{std::chrono::sys_days{last_year_of_rules / 12 / 31}})
    return true;
  std::vector<offset_change> found;
  for (auto in = std::max(year_of(last), year{1969}); in <= last_year_of_rules;
       ++in) {
    found.push_back({rule->starts->in(in, rule->standard), rule->summer});
    found.push_back({rule->ends->in(in, rule->summer), rule->standard});
  }
  std::ranges::stable_sort(found, {}, &offset_change::at);
  for (std::size_t i = 0; i < found.size(); ++i) {
    // Of two at the same moment the later year's is the one that stays.
    if (i + 1 < found.size() && found[i + 1].at == found[i].at)
      continue;
    if (found[i].at > last)
      into.changes.push_back(found[i]);
  }
  return true;
}

} // namespace sluice::gold
