// Collects the event times of rows into the windows that they touch: the hot
// half of a mark. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_set>

#include "gold/time_ranges.hpp"
#include "gold/window.hpp"
#include "gold/window_rule.hpp"
#include "topology/topology.hpp"

namespace sluice::marks {

/// The times that a gold's windows take: both bounds are in.
struct time_bounds {
  std::int64_t oldest = 0;
  std::int64_t newest = 0;

  [[nodiscard]] bool hold(std::int64_t seconds) const {
    return seconds >= oldest && seconds <= newest;
  }
};

/// As of `now` on the wall clock.
[[nodiscard]] time_bounds bounds_of(const topology::gold_window& window,
                                    std::chrono::sys_seconds now);

/// Most ranges that one cut may touch for one gold.
inline constexpr std::size_t touched_ranges_max = 5'000;

/// For one gold and one cut. Costs a comparison for a row whose time lies near
/// the row's before it.
class touched_times {
public:
  touched_times(const gold::window_rule& rule, const time_bounds& bounds)
      : granule_{rule.granule().count()}, bounds_{bounds} {}

  /// A row of this event time, seconds since 1970-01-01 UTC.
  void add(std::int64_t seconds) {
    if (seconds < near_from_ || seconds > near_to_)
      return add_elsewhere(seconds);
    newest_ = std::max(newest_, seconds);
  }

  /// Rows of which only the granule that begins at `seconds` is known.
  void add_granule(std::int64_t seconds) {
    const auto end = seconds + granule_ - 1;
    add(seconds < bounds_.oldest && bounds_.oldest <= end ? bounds_.oldest
                                                          : seconds);
  }

  /// Of the rows inside the bounds; std::nullopt: none.
  [[nodiscard]] std::optional<std::int64_t> newest() const {
    return granules_.empty() ? std::nullopt : std::optional{newest_};
  }
  /// Rows outside the bounds: they touch nothing.
  [[nodiscard]] std::uint64_t outside() const { return outside_; }
  /// Whole windows (of hopping ones the hops), at most `touched_ranges_max`
  /// ranges of them.
  [[nodiscard]] gold::time_ranges ranges(const gold::window_rule& rule) const;

private:
  void add_elsewhere(std::int64_t seconds);

  std::int64_t granule_;
  time_bounds bounds_;
  /// The part inside the bounds of the granule of the last row that was
  /// inside; empty at first.
  std::int64_t near_from_ = 1;
  std::int64_t near_to_ = 0;
  std::unordered_set<std::int64_t> granules_;
  std::int64_t newest_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t outside_ = 0;
};

} // namespace sluice::marks
