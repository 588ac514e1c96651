#include "cli/verbs.hpp"

namespace sluice::cli {

void add_dlq(CLI::App& to, action& chosen) {
  auto* verb = to.add_subcommand(
      "dlq", "list, show and replay dead letters: records that made no row");
  verb->require_subcommand(1);
  add_dlq_list(*verb, chosen);
  add_dlq_show(*verb, chosen);
  add_dlq_replay(*verb, chosen);
}

} // namespace sluice::cli
