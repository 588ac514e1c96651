// A time of day to order things by, although a person or NTP may set the
// system's clock back.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/wall_clock.hpp"

namespace sluice::actors {

/// Tells the wall clock's time as long as that goes forward, and creeps on by
/// milliseconds while it is behind what was told before. Not thread-safe.
class ascending_clock {
public:
  using instant = std::chrono::sys_time<std::chrono::milliseconds>;

  explicit ascending_clock(wall_clock source) : source_{std::move(source)} {}

  /// Later than every answer before.
  [[nodiscard]] instant operator()() {
    told_ = std::max(source_(), told_ + std::chrono::milliseconds{1});
    return told_;
  }
  /// All that is told from now on is later than `other`, which another process
  /// has told.
  void follow(instant other) { told_ = std::max(told_, other); }

private:
  wall_clock source_;
  instant told_{};
};

} // namespace sluice::actors
