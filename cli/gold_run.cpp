#include <iostream>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/broker_choice.hpp"
#include "cli/clickhouse_access.hpp"
#include "cli/gold_backfill.hpp"
#include "cli/gold_choice.hpp"
#include "cli/gold_dry_run.hpp"
#include "cli/messages.hpp"
#include "cli/node_choice.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct gold_run_arguments {
  std::string file;
  std::string name;
  std::string from;
  std::string to;
  std::optional<std::filesystem::path> data;
  std::size_t parallel = 1;
  bool here = false;
  bool dry_run = false;
};

/// Without a ClickHouse to ask it goes without counts.
int print_dry_run(const topology::topology& what, const topology::gold& gold,
                  const std::vector<gold::window>& windows,
                  const gold_run_arguments& arguments) {
  std::optional<std::vector<std::uint64_t>> rows;
  const auto access = find_clickhouse(what, arguments.data, if_missing::refuse);
  if (access) {
    const auto client = access->connect(what.clickhouse.database);
    auto counted = count_rows(*client, what.clickhouse.database, gold, windows);
    if (counted)
      rows = std::move(*counted);
    else
      note("rows are not counted: " + explain(counted.error()));
  } else {
    note("rows are not counted: " + access.error());
  }
  const auto text = dry_run_text(what, gold, windows, rows);
  if (!text)
    return refuse(text.error());
  std::cout << *text;
  return exit_ok;
}

/// With a Kafka that any node can be on, the coordinator is asked; an embedded
/// one without its node has none.
bool has_coordinator(const topology::topology& what,
                     const gold_run_arguments& arguments) {
  if (arguments.here)
    return false;
  if (!what.kafka.is_embedded())
    return true;
  const auto node = find_only_node(what.pipeline, arguments.data);
  return node && *node;
}

int run(const gold_run_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto gold = find_gold(topology->what, arguments.name);
  if (!gold)
    return refuse(gold.error());
  const auto windows = windows_of(*gold, arguments.from, arguments.to);
  if (!windows)
    return refuse(windows.error());
  if (arguments.dry_run)
    return print_dry_run(topology->what, *gold, *windows, arguments);
  const auto access =
      find_clickhouse(topology->what, arguments.data, if_missing::refuse);
  if (!access)
    return fail(access.error());
  const backfill wanted{topology->what, *gold, *windows, *access};
  if (!has_coordinator(topology->what, arguments))
    return run_here(wanted, arguments.parallel);
  const auto at = find_brokers(topology->what, arguments.data);
  if (!at)
    return fail(at.error());
  return run_by_coordinator(wanted, *at);
}

} // namespace

void add_gold_run(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<gold_run_arguments>();
  auto* verb =
      to.add_subcommand("run", "run windows of a gold table now, once each");
  verb->footer(
      "Times are those of the gold's time zone (2026-02-20, \"2026-02-20 "
      "06:00\"), or UTC\n(2026-02-20T06:00:00Z). A run replaces the whole "
      "window at once; running a window\nagain is harmless.\n\n"
      "The node that leads is asked to run them, oldest first, when nothing "
      "fresher is due\n(tuning.gold_runs at once); they stay asked for when "
      "this command ends. Without a\nnode (or with --here) this command runs "
      "them itself, and ends with the first window\nthat fails, which it "
      "names.\n\n"
      "  sluice gold run config/commerce.yaml gold_user_activity --from "
      "2026-02-20");
  add_file(*verb, arguments->file);
  verb->add_option("NAME", arguments->name, "the gold table")
      ->required()
      ->type_name("");
  verb->add_option("--from", arguments->from, "start of the first window")
      ->required()
      ->type_name("TIME");
  verb->add_option("--to", arguments->to,
                   "end of the last window, exclusive (default: only the "
                   "window that contains --from)")
      ->type_name("TIME");
  verb->add_flag("--here", arguments->here,
                 "run them in this process although a node may lead, which "
                 "will run them again if it does");
  verb->add_option("--parallel", arguments->parallel,
                   "windows that this process runs at once (default 1)")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  verb->add_flag("--dry-run", arguments->dry_run,
                 "print the SQL and the windows and run nothing");
  add_data(*verb, arguments->data,
           "data directory of the embedded ClickHouse (default: that of the "
           "running node, else sluice-data)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return run(*arguments); };
  });
}

} // namespace sluice::cli
