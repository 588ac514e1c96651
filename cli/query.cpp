#include <iostream>
#include <iterator>
#include <memory>

#include <unistd.h>

#include "cli/clickhouse_access.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct query_arguments {
  std::string file;
  std::string sql;
  std::string format;
  std::optional<std::filesystem::path> data;
  bool no_final = false;
};

std::string format_of(const query_arguments& arguments) {
  if (!arguments.format.empty())
    return arguments.format;
  return isatty(STDOUT_FILENO) == 1 ? "PrettyCompactMonoBlock" : "TSVWithNames";
}

std::string sql_of(const query_arguments& arguments) {
  if (arguments.sql != "-")
    return arguments.sql;
  return {std::istreambuf_iterator<char>{std::cin}, {}};
}

int query(const query_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto access =
      find_clickhouse(topology->what, arguments.data, if_missing::refuse);
  if (!access)
    return fail(access.error());
  clickhouse::settings options;
  if (!arguments.no_final)
    options.emplace_back("final", "1");
  const auto client = access->connect(topology->what.clickhouse.database);
  const auto answer = client->query({.sql = sql_of(arguments),
                                     .format = format_of(arguments),
                                     .parameters = {},
                                     .options = std::move(options),
                                     .query_id = {}});
  if (!answer)
    return fail(explain(answer.error()));
  std::cout << *answer;
  return exit_ok;
}

} // namespace

void add_query(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<query_arguments>();
  auto* verb = to.add_subcommand(
      "query", "run one SQL statement on a topology's ClickHouse");
  verb->footer(
      "Unqualified names are of the topology's database. An embedded "
      "ClickHouse "
      "is asked\nthrough the running node, or in its data directory when none "
      "runs.\n\n"
      "SELECTs run with the setting final = 1: a `latest` table shows one "
      "current row per\nkey and no deleted ones. --no-final shows every "
      "version "
      "that is stored, with\n_version and _deleted.\n\n"
      "  sluice query config/commerce.yaml 'SELECT count() FROM users'");
  add_file(*verb, arguments->file);
  verb->add_option("SQL", arguments->sql,
                   "one statement; - reads it from standard input")
      ->required()
      ->type_name("");
  verb->add_option("--format", arguments->format,
                   "ClickHouse's output format (default: "
                   "PrettyCompactMonoBlock on a terminal, else TSVWithNames)")
      ->type_name("NAME");
  verb->add_flag("--no-final", arguments->no_final,
                 "do not merge versions of a row");
  add_data(*verb, arguments->data,
           "data directory of the embedded ClickHouse (default: that of the "
           "running node, else sluice-data)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return query(*arguments); };
  });
}

} // namespace sluice::cli
