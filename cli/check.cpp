#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "cli/clickhouse_access.hpp"
#include "cli/messages.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "clickhouse/embedded_library.hpp"
#include "clickhouse/endpoints.hpp"
#include "kafka/topics.hpp"
#include "plan/insert_check.hpp"
#include "plan/print.hpp"
#include "plan/server_check.hpp"

namespace sluice::cli {

namespace {

/// How long a server may take to answer: without one, the plan is the same but
/// for what only it knows.
constexpr std::chrono::milliseconds patience{3'000};

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
  for (auto warning : found.warnings) {
    warning.message.insert(0, "warning: ");
    std::cerr << to_string(warning) << '\n';
  }
  for (const auto& mistake : found.mistakes)
    std::cerr << to_string(mistake) << '\n';
  return found.mistakes.empty();
}

/// Partitions of the topics on the topology's own Kafka, as far as it answers.
plan::partition_counts count_partitions(const topology::topology& what) {
  if (what.kafka.is_embedded())
    return {};
  const auto counts = kafka::topic_partition_counts(
      {what.kafka.brokers, what.kafka.properties}, patience);
  if (counts)
    return *counts;
  note("the partitions of topics are not known: " + counts.error());
  return {};
}

/// Whether the topology's own ClickHouse can be inserted into exactly once, or
/// could not be asked.
bool passes_server(const topology::topology& what,
                   const plan::partition_counts& counts) {
  if (what.clickhouse.is_embedded())
    return true;
  auto where = what.clickhouse;
  where.connect_timeout = std::min(where.connect_timeout, patience);
  where.request_timeout = std::min(where.request_timeout, patience);
  where.database = "default";
  const auto server = clickhouse::http_endpoint(where);
  const auto found = plan::check_inserts(*server->connect(), what, counts);
  if (!found) {
    note("not checked on " + server->name() + ": " + explain(found.error()));
    return true;
  }
  for (const auto& warning : found->warnings)
    note("warning: " + warning);
  for (const auto& mistake : found->mistakes)
    note(mistake);
  return found->mistakes.empty();
}

/// Whether nothing is wrong with the inserts that the topology asks for.
bool passes_inserts(const topology::topology& what,
                    const plan::partition_counts& counts) {
  const auto mistakes = plan::check_window_settings(what, counts);
  for (const auto& mistake : mistakes)
    std::cerr << to_string(mistake) << '\n';
  return mistakes.empty();
}

int check(const check_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto& what = topology->what;
  const auto counts =
      arguments.offline ? plan::partition_counts{} : count_partitions(what);
  if (!passes_inserts(what, counts))
    return exit_mistake;
  if (!arguments.offline
      && (!passes_clickhouse(*topology) || !passes_server(what, counts)))
    return exit_mistake;
  const auto now = std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now());
  const auto print = arguments.json ? plan::print_json : plan::print;
  std::cout << print(what, topology->tables, counts, now);
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
      "temporary directory.\nServers that the topology names are asked for "
      "the partitions of topics, and whether\ntheir settings keep inserts "
      "exactly-once; nothing is changed, and where none answers\nthe plan is "
      "printed all the same.");
  add_file(*verb, arguments->file);
  verb->add_flag("--json", arguments->json, "print the plan as JSON");
  verb->add_flag("--offline", arguments->offline,
                 "ask no server, and do not let ClickHouse itself check");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return check(*arguments); };
  });
}

} // namespace sluice::cli
