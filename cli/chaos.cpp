#include <memory>

#include <CLI/App.hpp>

#include "cli/chaos_run.hpp"
#include "cli/messages.hpp"
#include "cli/simulate.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct chaos_arguments {
  chaos_options run;
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
  to.add_option("--stop-after", of->simulation.stop_after,
                "stop after this many schedules that violate something; 0: "
                "never")
      ->capture_default_str()
      ->needs(simulated);
  to.add_flag("--trace", of->simulation.trace,
              "print every step of the schedules")
      ->needs(simulated);
}

void add_run_options(CLI::App& verb, chaos_options& arguments) {
  verb.add_option("--rounds", arguments.rounds, "how often something breaks")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  verb.add_option("--nodes", arguments.nodes, "nodes of the cluster")
      ->type_name("N")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  verb.add_option("--rate", arguments.rate, "records a second, over all topics")
      ->type_name("N")
      ->check(CLI::Range(10, 100'000))
      ->capture_default_str();
  verb.add_option("--json", arguments.json, "also write the report to FILE")
      ->type_name("FILE");
  verb.add_flag("--keep", arguments.keep,
                "keep the run's directory with all data and logs");
}

void add_place_options(CLI::App& verb, chaos_options& arguments) {
  verb.add_option("--brokers", arguments.brokers,
                  "Kafka for the throwaway topics (default: the topology's; an "
                  "embedded one gets a process of its own)")
      ->type_name("HOST:PORT");
  verb.add_option("--broker-restart", arguments.broker_restart,
                  "a shell command that restarts the broker and returns when "
                  "it is back; without it the broker stays up")
      ->type_name("COMMAND");
  verb.add_option("--session-timeout", arguments.session_timeout,
                  "after so long a silent node has lost its partitions; the "
                  "broker's group.min.session.timeout.ms allows 6s by default")
      ->type_name("TIME")
      ->capture_default_str();
  add_data(verb, arguments.data,
           "make the run's directory in DIR (default: the temporary one)");
}

int chaos(chaos_arguments& arguments) {
  arguments.simulation.seed = arguments.run.seed;
  if (arguments.simulated)
    return simulate(arguments.simulation);
  if (arguments.run.file.empty())
    return refuse("chaos: FILE is required: the topology to break; or say "
                  "--simulate");
  return run_chaos(arguments.run);
}

} // namespace

void add_chaos(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<chaos_arguments>();
  auto* verb = to.add_subcommand(
      "chaos", "prove that nothing is lost and nothing doubled, by breaking "
               "things");
  verb->footer(
      "Runs a copy of the topology on throwaway data: its pipeline, group, "
      "topics and\ndatabase get names of this run alone, so nothing of yours "
      "is touched. ClickHouse is\nthe embedded one, in a process of its own. "
      "While records keep coming, nodes and\nClickHouse are killed, nodes are "
      "paused past their session, join and leave, and the\nway to ClickHouse "
      "has faults; some rows are poison. At the end every table must hold\n"
      "exactly the records that Kafka holds, none lost, none doubled; and "
      "every window of gold\nwhat its SQL yields over them.\n\n"
      "From 50 rounds on, a mechanism of recovery that never had to act fails "
      "the run;\nshorter runs only say so. On a broker of your own, the "
      "run's topics stay: their\nnames end with -chaos- and the run's name.\n\n"
      "  sluice chaos config/commerce.yaml --rounds 200 --seed 1\n"
      "  sluice chaos --simulate --schedules 10000 --seed 1");
  verb->add_option("FILE", arguments->run.file, "topology file")->type_name("");
  verb->add_option("--seed", arguments->run.seed,
                   "what breaks and when: the same seed breaks the same "
                   "things; of simulated schedules: the first one's")
      ->type_name("S")
      ->capture_default_str();
  add_run_options(*verb, arguments->run);
  add_place_options(*verb, arguments->run);
  add_simulation(*verb, arguments);
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return chaos(*arguments); };
  });
}

} // namespace sluice::cli
