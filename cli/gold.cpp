#include "cli/verbs.hpp"

namespace sluice::cli {

void add_gold(CLI::App& to, action& chosen) {
  auto* verb = to.add_subcommand(
      "gold", "list gold tables, run their windows, show the ledger of runs");
  verb->require_subcommand(1);
  add_gold_list(*verb, chosen);
  add_gold_run(*verb, chosen);
  add_gold_ledger(*verb, chosen);
}

} // namespace sluice::cli
