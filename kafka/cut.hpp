// A piece of one partition's log.
#pragma once

#include <compare>
#include <cstdint>

namespace sluice::kafka {

/// A contiguous offset range [lo, hi) of one partition: one block per table.
/// `lo` names it within one life of the partition's pipeline.
struct cut {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  auto operator<=>(const cut&) const = default;
};

} // namespace sluice::kafka
