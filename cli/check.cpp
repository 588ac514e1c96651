#include <chrono>
#include <iostream>
#include <memory>

#include "cli/clickhouse_access.hpp"
#include "cli/messages.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "clickhouse/embedded_library.hpp"
#include "plan/print.hpp"
#include "plan/server_check.hpp"

namespace sluice::cli {

namespace {

struct check_arguments {
  std::string file;
  bool json = false;
  bool offline = false;
};

void unchecked(const std::string& reason) {
  note("not checked with ClickHouse itself: " + reason);
}

/// Whether ClickHouse found nothing wrong, or could not be asked.
bool passes_clickhouse(const topology_file& topology) {
  const auto library = clickhouse::load_library();
  if (!library) {
    unchecked(library.error());
    return true;
  }
  const auto directory = scratch_directory::make();
  if (!directory) {
    unchecked(directory.error());
    return true;
  }
  const auto connect = open_embedded(directory->path());
  if (!connect) {
    unchecked(connect.error());
    return true;
  }
  const auto found =
      plan::check_on_server(*connect, topology.what, topology.tables);
  for (const auto& reason : found.unchecked)
    unchecked(reason);
  for (const auto& mistake : found.mistakes)
    std::cerr << to_string(mistake) << '\n';
  return found.mistakes.empty();
}

int check(const check_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  if (!arguments.offline && !passes_clickhouse(*topology))
    return exit_mistake;
  const auto now = std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now());
  const auto print = arguments.json ? plan::print_json : plan::print;
  std::cout << print(topology->what, topology->tables, now);
  return exit_ok;
}

} // namespace

void add_check(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<check_arguments>();
  auto* verb = to.add_subcommand(
      "check", "check a topology and print its plan: topics, tables, gold");
  verb->footer(
      "Prints what each column's mapping may lose and the DDL of every table; "
      "never a password.\nMistakes go to standard error as FILE:LINE:COLUMN: "
      "MESSAGE, and the exit code is 2.\nWhere libchdb is installed, "
      "ClickHouse itself checks expressions, engines and the gold\nSQL, in a "
      "temporary directory. No server is asked.");
  add_file(*verb, arguments->file);
  verb->add_flag("--json", arguments->json, "print the plan as JSON");
  verb->add_flag("--offline", arguments->offline,
                 "do not let ClickHouse itself check (faster)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return check(*arguments); };
  });
}

} // namespace sluice::cli
