// When a node may make an INSERT only because a cut is old.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>

#include "topology/topology.hpp"

namespace sluice::actors {

/// Hands out moments, `per_second` of them (a second's worth at once after a
/// pause), first come, first served: many tables whose cuts are small would
/// otherwise cost ClickHouse more than their rows do. Cuts that are full need
/// none. Thread-safe.
class insert_slots {
public:
  using instant = std::chrono::steady_clock::time_point;

  explicit insert_slots(double per_second)
      : apart_{std::chrono::duration_cast<instant::duration>(
          std::chrono::duration<double>{1 / per_second})} {}

  /// Takes `count` slots; returns when they may be used, `now` or later.
  [[nodiscard]] instant take(instant now, std::size_t count);

private:
  instant::duration apart_;
  std::mutex mutex_;
  /// When everything that was taken is used up.
  instant taken_until_{};
};

/// Those of a node.
[[nodiscard]] std::shared_ptr<insert_slots>
make_insert_slots(const topology::tuning& tuning);

} // namespace sluice::actors
