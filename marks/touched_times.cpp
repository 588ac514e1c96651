#include "marks/touched_times.hpp"

#include <algorithm>
#include <vector>

namespace sluice::marks {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const auto rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

} // namespace

time_bounds bounds_of(const topology::gold_window& window, sys_seconds now) {
  return {window.oldest.time_since_epoch().count(),
          (now + window.ahead).time_since_epoch().count()};
}

void touched_times::add_elsewhere(std::int64_t seconds) {
  if (!bounds_.hold(seconds)) {
    ++outside_;
    return;
  }
  const auto granule = floor_to(seconds, granule_);
  near_from_ = std::max(granule, bounds_.oldest);
  near_to_ = std::min(granule + granule_ - 1, bounds_.newest);
  granules_.insert(granule);
  newest_ = std::max(newest_, seconds);
}

gold::time_ranges touched_times::ranges(const gold::window_rule& rule) const {
  std::vector<std::int64_t> sorted{granules_.begin(), granules_.end()};
  std::ranges::sort(sorted);
  gold::time_ranges result;
  for (const auto granule : sorted) {
    if (!result.empty() && granule < result.back().to)
      continue;
    // A granule may begin before the bounds, where it says nothing of windows.
    const auto when = std::max(granule, bounds_.oldest);
    const auto newest = rule.newest_containing(sys_seconds{seconds{when}});
    const auto from = newest.start.time_since_epoch().count();
    const auto to = rule.next(newest).start.time_since_epoch().count();
    if (!result.empty() && result.back().to >= from)
      result.back().to = to;
    else
      result.push_back({from, to});
  }
  gold::limit(result, touched_ranges_max);
  return result;
}

} // namespace sluice::marks
