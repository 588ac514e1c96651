#include "gold/window_rule.hpp"

#include <algorithm>
#include <utility>

namespace sluice::gold {

namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;
using topology::window_unit;

constexpr sys_seconds earliest{std::chrono::sys_days{year{1} / 1 / 1}};
constexpr sys_seconds latest{std::chrono::sys_days{year{9998} / 12 / 31}};

// 1970-01-01 was a Thursday.
constexpr days monday_before_1970{-3};

constexpr seconds calendar_granule = std::chrono::minutes{15};

/// Rounds towards minus infinity, so that times before 1970 come out right.
std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const auto quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

std::int64_t period_of(window_unit unit, local_days date) {
  const auto day = date.time_since_epoch();
  switch (unit) {
  case window_unit::week:
    return floor_div((day - monday_before_1970).count(), 7);
  case window_unit::month: {
    const std::chrono::year_month_day civil{date};
    return (static_cast<int>(civil.year()) - 1970) * std::int64_t{12}
           + static_cast<unsigned>(civil.month()) - 1;
  }
  case window_unit::day:
  case window_unit::fixed:
    break;
  }
  return day.count();
}

local_days first_day(window_unit unit, std::int64_t period) {
  switch (unit) {
  case window_unit::week:
    return local_days{monday_before_1970 + days{7 * period}};
  case window_unit::month:
    return local_days{
        (year{1970} / std::chrono::January + std::chrono::months{period}) / 1};
  case window_unit::day:
  case window_unit::fixed:
    break;
  }
  return local_days{days{period}};
}

} // namespace

tl::expected<window_rule, std::string>
window_rule::make(const topology::gold& of) {
  auto zone = time_zone::find(of.timezone);
  if (!zone)
    return tl::unexpected(std::move(zone.error()));
  const auto& what = of.window;
  if (what.unit != window_unit::fixed) {
    if (what.hop != seconds{0})
      return tl::unexpected(std::string{"windows of the calendar cannot hop"});
    return window_rule{what, std::move(*zone)};
  }
  if (what.every < seconds{1} || what.hop < seconds{0}
      || (what.hop != seconds{0}
          && (what.every % what.hop != seconds{0}
              || what.every / what.hop > overlap_max)))
    return tl::unexpected("windows must be at least a second long, and a hop "
                          "one of at most "
                          + std::to_string(overlap_max)
                          + " equal parts of their length");
  return window_rule{what, std::move(*zone)};
}

window_rule::window_rule(const topology::gold_window& what, time_zone zone)
    : unit_(what.unit), every_(what.every),
      hop_(what.hop == seconds{0} ? what.every : what.hop),
      overlap_(unit_ == window_unit::fixed ? every_ / hop_ : 1),
      granule_(unit_ == window_unit::fixed
                   ? hop_
                   : zone.granule(calendar_granule, what.oldest)),
      zone_(std::move(zone)), start_(what.start) {
  if (start_ && what.start_is_date)
    start_ = zone_.first_instant(
        std::chrono::local_seconds{start_->time_since_epoch()});
}

sys_seconds window_rule::begin_of(std::int64_t number) const {
  if (unit_ == window_unit::fixed)
    return sys_seconds{number * hop_};
  return zone_.first_instant(first_day(unit_, number));
}

window window_rule::at(std::int64_t number) const {
  const auto start = begin_of(number);
  return {start,
          unit_ == window_unit::fixed ? start + every_ : begin_of(number + 1)};
}

std::int64_t window_rule::newest_begun(sys_seconds when) const {
  when = std::clamp(when, earliest, latest);
  if (unit_ == window_unit::fixed)
    return floor_div(when.time_since_epoch().count(), hop_.count());
  auto result =
      period_of(unit_, std::chrono::floor<days>(zone_.to_local(when)));
  // Clocks that were put back over midnight show the date before once more.
  while (begin_of(result + 1) <= when)
    ++result;
  return result;
}

std::int64_t window_rule::newest_ended(sys_seconds now) const {
  if (unit_ == window_unit::fixed)
    return newest_begun(std::clamp(now, earliest, latest) - every_);
  auto result = newest_begun(now) - 1;
  while (begin_of(result) == begin_of(result + 1))
    --result;
  return result;
}

std::vector<window> window_rule::between(std::int64_t first,
                                         std::int64_t last) const {
  std::vector<window> result;
  const auto most = static_cast<std::int64_t>(windows_max);
  for (auto i = std::max(first, last - most + 1); i <= last; ++i)
    if (const auto each = at(i); each.start < each.end)
      result.push_back(each);
  return result;
}

window window_rule::newest_containing(sys_seconds when) const {
  return at(newest_begun(when));
}

std::vector<window> window_rule::containing(sys_seconds when) const {
  const auto newest = newest_begun(when);
  return between(newest - overlap_ + 1, newest);
}

std::vector<window> window_rule::touching(sys_seconds from,
                                          sys_seconds to) const {
  if (to <= from)
    return {};
  return between(newest_begun(from) - overlap_ + 1,
                 newest_begun(to - seconds{1}));
}

std::vector<window> window_rule::ended(sys_seconds after,
                                       sys_seconds until) const {
  return between(newest_ended(after) + 1, newest_ended(until));
}

window window_rule::last_ended(sys_seconds now) const {
  return at(newest_ended(now));
}

window window_rule::next(const window& what) const {
  auto number = newest_begun(what.start) + 1;
  while (begin_of(number) == begin_of(number + 1))
    ++number;
  return at(number);
}

bool window_rule::is_window(const window& what) const {
  return newest_containing(what.start) == what;
}

} // namespace sluice::gold
