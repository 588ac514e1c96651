#include <memory>

#include <CLI/App.hpp>

#include "cli/messages.hpp"
#include "cli/simulate.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct chaos_arguments {
  simulate_options simulation;
  bool simulated = false;
};

/// `--simulate` and what belongs to it.
void add_simulation(CLI::App& to, const std::shared_ptr<chaos_arguments>& of) {
  auto* simulated = to.add_flag(
      "--simulate", of->simulated,
      "in memory: a simulated Kafka, ClickHouse and clock under the real "
      "pipeline; the same seed does exactly the same");
  to.add_option("--schedules", of->simulation.schedules,
                "how many schedules to simulate, one seed each")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str()
      ->needs(simulated);
  to.add_option("--seed", of->simulation.seed, "the first schedule's seed")
      ->capture_default_str();
  to.add_option("--stop-after", of->simulation.stop_after,
                "stop after this many schedules that violate something; 0: "
                "never")
      ->capture_default_str()
      ->needs(simulated);
  to.add_flag("--trace", of->simulation.trace,
              "print every step of the schedules")
      ->needs(simulated);
}

} // namespace

void add_chaos(CLI::App& to, action& chosen) {
  auto* verb = to.add_subcommand(
      "chaos", "prove that nothing is lost and nothing doubled, by breaking "
               "things");
  auto arguments = std::make_shared<chaos_arguments>();
  add_simulation(*verb, arguments);
  verb->callback([arguments, &chosen] {
    chosen = [arguments] {
      if (!arguments->simulated)
        return refuse("chaos: say --simulate");
      return simulate(arguments->simulation);
    };
  });
}

} // namespace sluice::cli
