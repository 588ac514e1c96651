#include <iostream>
#include <memory>

#include "cli/clickhouse_access.hpp"
#include "cli/gold_choice.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "gold/ledger.hpp"
#include "plan/aligned_text.hpp"

namespace sluice::cli {

namespace {

struct gold_ledger_arguments {
  std::string file;
  std::string name;
  std::size_t limit = 20;
  std::optional<std::filesystem::path> data;
};

void print(const std::vector<gold::ledger_entry>& entries) {
  plan::aligned_text rows{""};
  rows.add({"started", "gold", "window", "attempt", "trigger", "state", "rows",
            "took", ""});
  for (const auto& entry : entries)
    rows.add({gold::format_utc(
                  std::chrono::floor<std::chrono::seconds>(entry.started_at)),
              entry.gold, to_string(entry.what), std::to_string(entry.attempt),
              entry.trigger, std::string{to_string(entry.state)},
              std::to_string(entry.rows),
              std::to_string(entry.duration.count()) + " ms", entry.error});
  std::cout << rows.text();
}

int run(const gold_ledger_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  if (!arguments.name.empty())
    if (const auto gold = find_gold(topology->what, arguments.name); !gold)
      return refuse(gold.error());
  const auto access =
      find_clickhouse(topology->what, arguments.data, if_missing::refuse);
  if (!access)
    return fail(access.error());
  const auto& database = topology->what.clickhouse.database;
  const auto client = access->connect(database);
  const auto entries =
      gold::read_ledger(*client, database, arguments.name, arguments.limit);
  if (!entries)
    return fail(explain(entries.error()));
  print(*entries);
  return exit_ok;
}

} // namespace

void add_gold_ledger(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<gold_ledger_arguments>();
  auto* verb = to.add_subcommand(
      "ledger", "the newest runs of gold windows, newest first");
  verb->footer("The ledger is a table in the topology's database: "
               "_sluice_gold_runs. Query it with FINAL.");
  add_file(*verb, arguments->file);
  verb->add_option("NAME", arguments->name, "only this gold table")
      ->type_name("");
  constexpr std::size_t limit_max = 100'000;
  verb->add_option("--limit", arguments->limit, "at most so many runs")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, limit_max))
      ->capture_default_str();
  add_data(*verb, arguments->data,
           "data directory of the embedded ClickHouse (default: that of the "
           "running node, else sluice-data)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return run(*arguments); };
  });
}

} // namespace sluice::cli
