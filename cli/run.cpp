#include <memory>

#include "actors/node.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

struct run_arguments {
  std::string file;
  std::optional<std::filesystem::path> data;
  std::optional<std::uint16_t> status_port;
  std::string instance_id;
  bool no_apply = false;
};

int run(const run_arguments& arguments) {
  auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  actors::node_options options;
  std::error_code failure;
  // Other commands find both by these paths from anywhere.
  options.data_directory = std::filesystem::absolute(
      arguments.data.value_or(default_data_directory), failure);
  if (failure)
    return fail("the data directory cannot be named: " + failure.message());
  topology->what.file = std::filesystem::absolute(arguments.file, failure);
  options.status_port = arguments.status_port;
  options.instance_id = arguments.instance_id;
  options.apply = !arguments.no_apply;
  return actors::run_node(topology->what, options);
}

} // namespace

void add_run(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<run_arguments>();
  auto* verb = to.add_subcommand("run", "run a node of a topology");
  verb->footer(
      "Embedded parts (Kafka, ClickHouse) start with the node and keep their "
      "data in DIR.\nSIGTERM or Ctrl-C ends it in order; a second one at once; "
      "both lose nothing.\n`sluice status` shows the addresses of what runs.");
  add_file(*verb, arguments->file);
  add_data(*verb, arguments->data,
           "where embedded parts keep their data (default: sluice-data)");
  verb->add_option("--status-port", arguments->status_port,
                   "port of the status page; 0: any free one (default: as the "
                   "topology says)")
      ->type_name("N");
  verb->add_option("--instance-id", arguments->instance_id,
                   "a name for this node that stays the same over restarts: "
                   "it then keeps its partitions")
      ->type_name("ID");
  verb->add_flag("--no-apply", arguments->no_apply,
                 "leave ClickHouse's tables as they are (see `sluice apply`)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return run(*arguments); };
  });
}

} // namespace sluice::cli
