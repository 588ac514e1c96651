#include <iostream>
#include <memory>

#include "cli/clickhouse_access.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "plan/migration.hpp"

namespace sluice::cli {

namespace {

struct apply_arguments {
  std::string file;
  std::optional<std::filesystem::path> data;
  bool dry_run = false;
};

void print_statements(const std::vector<std::string>& statements) {
  for (const auto& statement : statements)
    std::cout << statement << ";\n\n";
}

int migrate(const clickhouse_access& access, const topology_file& topology) {
  // The topology's own database may not exist yet.
  const auto client = access.connect("default");
  const auto plan =
      plan::plan_migration(*client, topology.what, topology.tables);
  if (!plan)
    return fail(explain(plan.error()));
  if (const auto done = plan::migrate(*client, *plan); !done)
    return fail(explain(done.error()));
  for (const auto& name : plan->missing)
    std::cout << "created " << name << '\n';
  for (const auto& statement : plan->changes)
    std::cout << "changed: " << statement << '\n';
  if (plan->missing.empty() && plan->changes.empty())
    std::cout << "nothing to do: " << access.name
              << " has all that the topology needs\n";
  return exit_ok;
}

int apply(const apply_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  if (arguments.dry_run) {
    print_statements(plan::create_statements(topology->what, topology->tables));
    return exit_ok;
  }
  const auto access =
      find_clickhouse(topology->what, arguments.data, if_missing::create);
  if (!access)
    return fail(access.error());
  return migrate(*access, *topology);
}

} // namespace

void add_apply(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<apply_arguments>();
  auto* verb = to.add_subcommand(
      "apply", "create or migrate ClickHouse's tables for a topology");
  verb->footer(
      "Missing tables are created and missing columns added; nothing is ever "
      "dropped or\nconverted. When one table cannot be brought to the topology "
      "that way, nothing is\nchanged at all. `sluice run` does the same at its "
      "start.");
  add_file(*verb, arguments->file);
  verb->add_flag("--dry-run", arguments->dry_run,
                 "print the DDL for an empty ClickHouse and ask no server");
  add_data(*verb, arguments->data,
           "data directory of the embedded ClickHouse (default: that of the "
           "running node, else sluice-data)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return apply(*arguments); };
  });
}

} // namespace sluice::cli
