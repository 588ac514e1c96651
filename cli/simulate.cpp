#include "cli/simulate.hpp"

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <thread>

#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "simulation/campaign.hpp"

namespace sluice::cli {

namespace {

using simulation::schedule_result;

void print_violations(const schedule_result& result) {
  std::cout << "seed " << result.seed << ":\n";
  for (const auto& each : result.violations)
    std::cout << "  " << each << '\n';
}

void print_counts(const simulation::tally& counts) {
  for (const auto& [name, count] : counts)
    std::cout << std::setw(10) << count << "  " << name << '\n';
}

int trace(const simulate_options& options) {
  std::uint64_t violated = 0;
  for (std::uint64_t i = 0; i < options.schedules; ++i) {
    const auto result = simulation::run_schedule(options.seed + i, &std::cout);
    print_counts(result.counts);
    if (result.violations.empty())
      continue;
    ++violated;
    print_violations(result);
  }
  std::cout << violated << " violations in " << options.schedules
            << " schedules\n";
  return violated == 0 ? exit_ok : exit_failure;
}

} // namespace

int simulate(const simulate_options& options) {
  if (options.trace)
    return trace(options);
  const auto begin = std::chrono::steady_clock::now();
  const auto workers = std::max(1U, std::thread::hardware_concurrency());
  const auto done = simulation::run_campaign(
      {options.seed, options.schedules, workers, options.stop_after},
      [](const schedule_result& result) {
        print_violations(result);
        std::cout
            << "  repeat it: sluice chaos --simulate --schedules 1 --seed "
            << result.seed << " --trace\n"
            << std::flush;
      });
  if (!done)
    return fail(done.error());
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::cout << "What struck, and what answered, in all schedules:\n";
  print_counts(done->counts);
  std::cout << done->violated << " violations in " << done->schedules
            << " schedules; " << std::fixed << std::setprecision(0)
            << static_cast<double>(done->schedules) / took.count()
            << " schedules per second, " << std::setprecision(1) << took.count()
            << " s\n";
  return done->violated == 0 ? exit_ok : exit_failure;
}

} // namespace sluice::cli
