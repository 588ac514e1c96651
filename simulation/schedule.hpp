// What one seed makes happen: a cluster, a load, faults and events, then a time
// in which everything heals, and the verdict.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "simulation/stage.hpp"

namespace sluice::simulation {

struct schedule_result {
  std::uint64_t seed = 0;
  /// What was wrong at the end or on the way; empty: exactly once.
  std::vector<std::string> violations;
  /// How often each fault struck and each mechanism was seen.
  tally counts;
  /// How long it took in virtual time.
  instant lasted{0};
};

/// Runs the schedule of `seed`. Two calls with the same seed do exactly the
/// same. `trace_to`: where each step is told in one line with its virtual time;
/// nullptr: nowhere. Uses one thread; not reentrant is only the actors' log on
/// standard error.
[[nodiscard]] schedule_result run_schedule(std::uint64_t seed,
                                           std::ostream* trace_to);

} // namespace sluice::simulation
