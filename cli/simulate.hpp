// `sluice chaos --simulate`: the deterministic simulation from the command
// line.
#pragma once

#include <cstdint>

namespace sluice::cli {

struct simulate_options {
  std::uint64_t seed = 1;
  std::uint64_t schedules = 10'000;
  /// Stops after this many schedules that violate something; 0: never.
  std::uint64_t stop_after = 0;
  /// Prints every step of the schedules, which then run one after the other.
  bool trace = false;
};

/// Runs the schedules seed, seed + 1, ... on all cores and prints what they
/// violate, with the command that repeats it, and what struck how often.
/// Returns exit_ok when nothing was violated. Call while the process has one
/// thread.
[[nodiscard]] int simulate(const simulate_options& options);

} // namespace sluice::cli
