// Which windows a gold table has: of a fixed length, tumbling or hopping, or
// days, weeks and months of a time zone's calendar. Plain arithmetic, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gold/time_zone.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// Immutable, cheap to copy, safe to use from any thread.
///
/// Windows of a fixed length begin at multiples of `hop` (`every` when they
/// tumble) since 1970-01-01 00:00 UTC. Calendar windows begin with a local
/// date: at the first instant at which the zone's clocks show its midnight or
/// later; weeks begin on Monday. So a day has 23 or 25 hours where the clocks
/// are changed, and a date that a zone left out has no window.
///
/// Times before the year 1 or after 9998 are taken for the nearest ones within.
class window_rule {
public:
  /// The error is one line: an unknown time zone, no time zones on this
  /// machine, lengths that the topology's reader would not let through.
  [[nodiscard]] static tl::expected<window_rule, std::string>
  make(const topology::gold& of);

  /// Most windows that one instant may be in.
  static constexpr std::int64_t overlap_max = 1000;

  /// The one of containing(when) that begins last.
  [[nodiscard]] window newest_containing(std::chrono::sys_seconds when) const;

  /// Every window that `when` is in, oldest first: every / hop of them when
  /// hopping, else one.
  [[nodiscard]] std::vector<window>
  containing(std::chrono::sys_seconds when) const;

  /// The windows that [from, to) touches, oldest first; empty when to <= from.
  /// The newest `windows_max` of them when there are more.
  [[nodiscard]] std::vector<window> touching(std::chrono::sys_seconds from,
                                             std::chrono::sys_seconds to) const;

  /// The windows with after < end <= until, oldest first; the newest
  /// `windows_max` of them when there are more.
  [[nodiscard]] std::vector<window> ended(std::chrono::sys_seconds after,
                                          std::chrono::sys_seconds until) const;

  /// The newest window whose end is not after `now`.
  [[nodiscard]] window last_ended(std::chrono::sys_seconds now) const;

  /// The window that begins next after `what` does, which need not be a window
  /// of this rule.
  [[nodiscard]] window next(const window& what) const;

  [[nodiscard]] bool is_window(const window& what) const;

  /// Two event times in the same interval [n * granule, (n + 1) * granule)
  /// since 1970-01-01 UTC are in the same windows, if they are not before the
  /// gold's `oldest`. The hop (or every) of fixed windows; 15 minutes for
  /// calendar windows, or a divisor of it in a zone whose dates have begun
  /// otherwise since `oldest` (Africa/Monrovia in 1971).
  [[nodiscard]] std::chrono::seconds granule() const { return granule_; }

  /// Where the gold's `start` is: a date alone means its local midnight.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> start() const {
    return start_;
  }

  /// In which calendar windows, schedules and local times are.
  [[nodiscard]] const time_zone& zone() const { return zone_; }

private:
  window_rule(const topology::gold_window& what, time_zone zone);

  // Windows are numbered; number 0 is the one that 1970-01-01 is in. Those of
  // dates that a zone left out are empty.
  [[nodiscard]] window at(std::int64_t number) const;
  [[nodiscard]] std::chrono::sys_seconds begin_of(std::int64_t number) const;
  [[nodiscard]] std::int64_t newest_begun(std::chrono::sys_seconds when) const;
  [[nodiscard]] std::int64_t newest_ended(std::chrono::sys_seconds now) const;
  [[nodiscard]] std::vector<window> between(std::int64_t first,
                                            std::int64_t last) const;

  topology::window_unit unit_;
  std::chrono::seconds every_;
  std::chrono::seconds hop_;
  // Windows that one instant is in.
  std::int64_t overlap_;
  std::chrono::seconds granule_;
  time_zone zone_;
  std::optional<std::chrono::sys_seconds> start_;
};

} // namespace sluice::gold
