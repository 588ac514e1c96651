#include "gold/time_ranges.hpp"

#include <algorithm>

namespace sluice::gold {

void add(time_ranges& to, const time_range& range) {
  if (range.from >= range.to)
    return;
  const auto first =
      std::ranges::lower_bound(to, range.from, {}, &time_range::to);
  auto last = first;
  auto joined = range;
  for (; last != to.end() && last->from <= range.to; ++last) {
    joined.from = std::min(joined.from, last->from);
    joined.to = std::max(joined.to, last->to);
  }
  if (first == last) {
    to.insert(first, joined);
    return;
  }
  *first = joined;
  to.erase(first + 1, last);
}

void add(time_ranges& to, const time_ranges& more) {
  for (const auto& range : more)
    add(to, range);
}

void limit(time_ranges& ranges, std::size_t count) {
  if (ranges.size() <= count)
    return;
  std::vector<std::int64_t> gaps;
  gaps.reserve(ranges.size());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    gaps.push_back(ranges[i].from - ranges[i - 1].to);
  // So many gaps are closed, the smallest ones; of equal ones the first.
  auto close = ranges.size() - count;
  auto sorted = gaps;
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(close) - 1;
  std::ranges::nth_element(sorted, nth);
  const auto widest = *nth;
  auto at_widest = close
                   - static_cast<std::size_t>(std::ranges::count_if(
                       gaps, [&](std::int64_t gap) { return gap < widest; }));
  time_ranges result{ranges.front()};
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const auto gap = gaps[i - 1];
    const auto closes = gap < widest || (gap == widest && at_widest > 0);
    if (closes && gap == widest)
      --at_widest;
    if (closes)
      result.back().to = ranges[i].to;
    else
      result.push_back(ranges[i]);
  }
  ranges = std::move(result);
}

} // namespace sluice::gold
