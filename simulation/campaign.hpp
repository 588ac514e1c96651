// Many schedules, on all cores: each worker is a process of its own, so that a
// schedule that crashes is a violation like another.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <tl/expected.hpp>

#include "simulation/schedule.hpp"

namespace sluice::simulation {

struct campaign_options {
  std::uint64_t seed = 1;
  /// Seeds seed, seed + 1, ... are run.
  std::uint64_t schedules = 1;
  unsigned workers = 1;
  /// Stop after this many schedules with violations; 0: never.
  std::uint64_t violations_max = 0;
};

struct campaign_result {
  std::uint64_t schedules = 0;
  std::uint64_t violated = 0;
  /// Summed over all schedules.
  tally counts;
};

/// Runs the schedules and calls `tell` for each that violates something, in
/// this process, as they come. What the actors log goes nowhere, but the end of
/// it is among the violations of a schedule that crashed its process. Call
/// while this process has one thread: it forks. Error: one line.
[[nodiscard]] tl::expected<campaign_result, std::string>
run_campaign(const campaign_options& options,
             const std::function<void(const schedule_result&)>& tell);

} // namespace sluice::simulation
