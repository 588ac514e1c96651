#include <array>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/arguments.hpp"
#include "cli/broker_choice.hpp"
#include "cli/messages.hpp"
#include "cli/pipeline_controls.hpp"
#include "cli/table_choice.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "plan/table_command.hpp"

namespace sluice::cli {

namespace {

using plan::table_verb;

struct table_arguments {
  std::string file;
  std::string table;
  std::optional<std::filesystem::path> data;
};

int send(table_verb what, const table_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto table = choose_table(topology->what, arguments.table);
  if (!table)
    return refuse(table.error());
  const auto at = find_brokers(topology->what, arguments.data);
  if (!at)
    return fail(at.error());
  const auto log = visit_controls(*at, topology->what);
  if (!log)
    return fail(log.error());
  const auto& name = (*table)->name;
  if (const auto told = tell(**log, {name, what, process_name()}); !told)
    return fail(told.error());
  std::cout << "told pipeline " << topology->what.pipeline << " to "
            << name_of(what) << " table " << name
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
    chosen = [arguments, what] { return send(what, *arguments); };
  });
}

} // namespace

void add_table(CLI::App& to, action& chosen) {
  auto* verb = to.add_subcommand(
      "table", "pause, resume or reset one table of a running pipeline");
  verb->require_subcommand(1);
  for (const auto& word : words)
    add_word(*verb, chosen, word);
  add_table_reset(*verb, chosen);
}

} // namespace sluice::cli
