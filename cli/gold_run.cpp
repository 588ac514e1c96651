#include <iostream>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/clickhouse_access.hpp"
#include "cli/gold_choice.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "gold/runner.hpp"
#include "gold/sql.hpp"
#include "gold/statements.hpp"

namespace sluice::cli {

namespace {

struct gold_run_arguments {
  std::string file;
  std::string name;
  std::string from;
  std::string to;
  std::optional<std::filesystem::path> data;
  bool dry_run = false;
};

gold::instant clock_now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

std::string counted(std::size_t number, std::string_view what) {
  auto text = std::to_string(number) + ' ' + std::string{what};
  return number == 1 ? text : text + 's';
}

int print_dry_run(const topology::topology& what, const topology::gold& gold,
                  const std::vector<gold::window>& windows) {
  const auto sql = gold::render_sql(gold.sql, windows.front(), gold.timezone);
  if (!sql)
    return refuse("SQL of gold " + gold.name + ": " + sql.error());
  const auto staging = gold::statements::staging_name(gold, "RUN");
  std::cout << "-- what goes into the staging table for "
            << to_string(windows.front()) << '\n'
            << *sql << ";\n\n-- how it is published\n"
            << gold::statements::replace_partition(
                   gold, what.clickhouse.database, staging, windows.front())
            << ";\n\n-- " << counted(windows.size(), "window") << '\n';
  for (const auto& window : windows)
    std::cout << "--   " << to_string(window) << '\n';
  return exit_ok;
}

int run_windows(clickhouse::client& on, const topology::topology& what,
                const topology::gold& gold,
                const std::vector<gold::window>& windows) {
  const auto node = process_name();
  for (const auto& window : windows) {
    gold::run_request request;
    request.what = window;
    request.trigger = "manual";
    request.run_id = gold::make_run_id(clock_now());
    request.node = node;
    const auto done = gold::run_window(on, what.clickhouse.database, gold,
                                       request, clock_now);
    if (!done)
      return fail("window " + to_string(window) + " of gold " + gold.name
                  + " failed: " + explain(done.error())
                  + "; what was published before stays. Go on with --from "
                  + gold::format_instant(window.start));
    std::cout << gold.name << ' ' << to_string(window) << ": "
              << counted(done->rows, "row") << " in " << done->duration.count()
              << " ms" << std::endl;
    if (!done->warning.empty())
      note(done->warning);
  }
  return exit_ok;
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
    return print_dry_run(topology->what, *gold, *windows);
  const auto access =
      find_clickhouse(topology->what, arguments.data, if_missing::refuse);
  if (!access)
    return fail(access.error());
  const auto client = access->connect(topology->what.clickhouse.database);
  return run_windows(*client, topology->what, *gold, *windows);
}

} // namespace

void add_gold_run(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<gold_run_arguments>();
  auto* verb =
      to.add_subcommand("run", "run windows of a gold table now, once each");
  verb->footer(
      "Times are of the gold's time zone, 2026-02-20 or \"2026-02-20 06:00\", "
      "or of UTC with\na Z, 2026-02-20T06:00:00Z. A run replaces the whole "
      "window at once; running a window\nagain is harmless. The first window "
      "that fails ends the command with exit code 1 and\nis named; those "
      "before it are done.\n\n"
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
