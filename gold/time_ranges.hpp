// Sets of event times, as few half-open ranges: what a cut has touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::gold {

/// [from, to) in seconds since 1970-01-01 UTC.
struct time_range {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool operator==(const time_range&) const = default;
};

/// Sorted, not empty, none touching another.
using time_ranges = std::vector<time_range>;

/// Adds a range that may lie anywhere; an empty one adds nothing.
void add(time_ranges& to, const time_range& range);

/// Adds all of `more`.
void add(time_ranges& to, const time_ranges& more);

/// Joins neighbours, those with the smallest gaps first, until there are at
/// most `count` (1 or more). What is touched too much costs a run, never a
/// row.
void limit(time_ranges& ranges, std::size_t count);

} // namespace sluice::gold
