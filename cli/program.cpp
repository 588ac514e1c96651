#include "cli/program.hpp"

#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "cli/messages.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

constexpr const char* description =
    "Sluice carries change events from Kafka to exact, deduplicated tables in "
    "ClickHouse\n(silver) and to windowed aggregates of them (gold). A "
    "topology "
    "file says which.";

constexpr const char* footer =
    "Start with:\n"
    "  sluice check config/commerce.yaml\n"
    "  sluice run config/commerce.yaml --data DIR\n\n"
    "Exit codes: 0 ok; 1 something outside failed (a server, a file, a port);\n"
    "2 a mistake in the topology or the arguments.\n"
    "`sluice VERB --help` explains each verb.";

int run_chosen(const action& chosen) {
  auto code = exit_failure;
  try {
    code = chosen();
  } catch (const std::exception& failure) {
    return fail(std::string{"unexpected failure: "} + failure.what());
  }
  std::cout.flush();
  if (!std::cout && code == exit_ok)
    return fail("the result could not be written to standard output");
  return code;
}

} // namespace

int run_program(int argc, const char* const* argv) {
  CLI::App app{description, "sluice"};
  action chosen;
  app.set_version_flag("--version", "sluice " SLUICE_VERSION);
  app.require_subcommand(1);
  app.footer(footer);
  // The order of a newcomer's way.
  add_run(app, chosen);
  add_check(app, chosen);
  add_apply(app, chosen);
  add_query(app, chosen);
  add_status(app, chosen);
  add_gold(app, chosen);
  add_table(app, chosen);
  add_dlq(app, chosen);
  add_chaos(app, chosen);
  add_kafka(app, chosen);
  add_clickhouse(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& reason) {
    // Also how CLI11 answers --help and --version, with code 0.
    return app.exit(reason) == 0 ? exit_ok : exit_mistake;
  }
  return run_chosen(chosen);
}

} // namespace sluice::cli
