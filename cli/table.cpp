#include <algorithm>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/broker_choice.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "kafka/control_log.hpp"
#include "plan/table_command.hpp"
#include "topology/nearest.hpp"

namespace sluice::cli {

namespace {

using plan::table_verb;

struct table_arguments {
  std::string file;
  std::string table;
  std::optional<std::filesystem::path> data;
};

/// "did you mean ..." for a table that there is not.
std::string unknown_table(const topology::topology& what,
                          const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& table : what.tables)
    names.emplace_back(table.name);
  return "pipeline " + what.pipeline + " has no table '" + name + "'"
         + topology::advice(name, names);
}

/// Appends to the pipeline's control log, and returns when all in-sync replicas
/// have it. The error is one line.
tl::expected<void, std::string> append(const kafka::broker_address& at,
                                       const topology::topology& what,
                                       std::string command) {
  kafka::control_log_options options;
  options.at = at;
  options.topic = kafka::control_topic(what.kafka.group);
  options.create = false;
  const auto log = kafka::open_control_log(options);
  if (!log)
    return tl::unexpected(log.error());
  // Every record is answered, after its delivery timeout at last.
  const auto answer = std::make_shared<std::promise<std::string>>();
  auto kept = answer->get_future();
  (*log)->append(std::move(command), [answer](std::string error) {
    answer->set_value(std::move(error));
  });
  if (auto error = kept.get(); !error.empty())
    return tl::unexpected("the command could not be written to " + options.topic
                          + ": " + error);
  return {};
}

int tell(table_verb what, const table_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto& tables = topology->what.tables;
  const auto table =
      std::ranges::find(tables, arguments.table, &topology::table::name);
  if (table == tables.end())
    return refuse(unknown_table(topology->what, arguments.table));
  const auto at = find_brokers(topology->what, arguments.data);
  if (!at)
    return fail(at.error());
  const auto done =
      append(*at, topology->what,
             encode(plan::table_command{table->name, what, process_name()}));
  if (!done)
    return fail(done.error());
  std::cout << "told pipeline " << topology->what.pipeline << " to "
            << name_of(what) << " table " << table->name
            << "; `sluice status` shows when its nodes have\n";
  return exit_ok;
}

struct table_word {
  table_verb what;
  const char* description;
  const char* footer;
};

constexpr std::array<table_word, 2> words = {{
    {table_verb::pause, "stop writing one table; the others go on",
     "Its offsets stay where they are, also over restarts, until `resume`. "
     "`sluice status`\nshows from which offset on it waits, and how long the "
     "topic's retention leaves it.\n\n"
     "  sluice table pause config/commerce.yaml users"},
    {table_verb::resume, "go on with a table that is paused or was refused",
     "A table that ClickHouse refused is tried again in some seconds, instead "
     "of in some minutes.\n\n"
     "  sluice table resume config/commerce.yaml users"},
}};

void add_word(CLI::App& to, action& chosen, const table_word& word) {
  auto arguments = std::make_shared<table_arguments>();
  auto* verb =
      to.add_subcommand(std::string{name_of(word.what)}, word.description);
  verb->footer(word.footer);
  add_file(*verb, arguments->file);
  verb->add_option("TABLE", arguments->table, "a table of the topology")
      ->required()
      ->type_name("");
  add_data(*verb, arguments->data,
           "data directory of the node (default: the one that is running)");
  verb->callback([&chosen, arguments, what = word.what] {
    chosen = [arguments, what] { return tell(what, *arguments); };
  });
}

} // namespace

void add_table(CLI::App& to, action& chosen) {
  auto* verb = to.add_subcommand(
      "table", "pause or resume one table of a running pipeline");
  verb->require_subcommand(1);
  for (const auto& word : words)
    add_word(*verb, chosen, word);
}

} // namespace sluice::cli
