#include <chrono>
#include <iostream>
#include <memory>

#include "actors/signals.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "clickhouse/endpoints.hpp"

namespace sluice::cli {

namespace {

struct clickhouse_arguments {
  std::string data;
  std::uint16_t port = 0;
};

int serve(const clickhouse_arguments& arguments) {
  // Before libchdb and the server start their threads.
  actors::block_stop_signals();
  auto endpoint = clickhouse::embedded_endpoint(arguments.data, "default");
  if (!endpoint)
    return fail(endpoint.error());
  const auto server =
      clickhouse::serve_embedded(std::move(*endpoint), arguments.port);
  if (!server)
    return fail(server.error());
  std::cout << "http://127.0.0.1:" << (*server)->port() << std::endl;
  while (!actors::wait_for_stop(std::chrono::hours{1})) {
    // nop
  }
  return exit_ok;
}

} // namespace

void add_clickhouse(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<clickhouse_arguments>();
  auto* verb = to.add_subcommand(
      "clickhouse", "run the embedded ClickHouse alone, on its HTTP port");
  verb->footer(
      "Prints its address, http://127.0.0.1:PORT, and serves ClickHouse's HTTP "
      "protocol on\nthe loopback until SIGTERM or Ctrl-C. Any client works:\n"
      "  curl 'http://127.0.0.1:PORT/?query=SELECT+1'\n"
      "A topology uses it with  clickhouse: {url: http://127.0.0.1:PORT}.\n"
      "docs/embedded.md lists what of the protocol is spoken.");
  verb->add_option("--data", arguments->data,
                   "directory of its data; created when missing")
      ->required()
      ->type_name("DIR");
  verb->add_option("--port", arguments->port, "port; 0: any free one")
      ->type_name("N")
      ->capture_default_str();
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return serve(*arguments); };
  });
}

} // namespace sluice::cli
