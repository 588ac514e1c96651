// How large and how old a cut may grow: the tuning, stretched and shrunk by
// what the node may hold and by what ClickHouse says. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "topology/topology.hpp"

namespace sluice::actors {

/// Adapts the cuts to come; a cut that is closed stays as it is. Too many parts
/// in ClickHouse make cuts older and therefore larger, doubling up to
/// `stretch_max`; a block that was too large halves them. Each quiet cut takes
/// one step of a doubling or a halving back after `calm` of them.
class cut_pace {
public:
  /// `partitions`: of the topic, over the whole cluster; 0: unknown.
  cut_pace(const topology::tuning& tuning, std::int32_t partitions);

  /// Age at which a cut is closed: plan::cut_age_of(), stretched.
  [[nodiscard]] std::chrono::milliseconds age() const;
  /// Records, and bytes in memory, at which a cut is closed, at least 1.
  /// `credit`: bytes that the partition may hold.
  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t bytes(std::size_t credit) const;

  /// A cut was written; `crowded`: ClickHouse had too many parts meanwhile.
  void written(bool crowded);
  /// A block was refused for its size.
  void too_large();

private:
  topology::tuning tuning_;
  std::chrono::milliseconds least_age_;
  unsigned stretch_ = 0; // doublings of the age
  unsigned shrink_ = 0;  // halvings of the size
  unsigned quiet_ = 0;   // cuts since the last word from ClickHouse
};

} // namespace sluice::actors
