#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/messages.hpp"
#include "cli/node_reports.hpp"
#include "cli/report_text.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "cli/wait_caught_up.hpp"

namespace sluice::cli {

namespace {

constexpr std::chrono::seconds watch_interval{2};

struct status_arguments {
  node_wish wish;
  std::string url;
  std::string wait;
  bool json = false;
  bool watch = false;
};

tl::expected<node_reports, std::string> fetch(const status_arguments& of) {
  if (of.url.empty())
    return fetch_reports(of.wish);
  auto report = fetch_report(of.url);
  if (!report)
    return tl::unexpected(report.error());
  return node_reports{{std::move(*report)}, {}};
}

void print_json(const node_reports& found) {
  nlohmann::ordered_json result;
  result["nodes"] = nlohmann::ordered_json::array();
  for (const auto& report : found.reports)
    result["nodes"].push_back(nlohmann::ordered_json::parse(to_json(report)));
  if (!found.silent.empty())
    result["unreachable"] = found.silent;
  std::cout << result.dump(2) << '\n';
}

void print_text(const node_reports& found) {
  auto first = true;
  for (const auto& report : found.reports) {
    std::cout << (first ? "" : "\n") << report_text(report);
    first = false;
  }
}

int show(const status_arguments& arguments) {
  const auto found = fetch(arguments);
  if (!found)
    return fail(found.error());
  if (arguments.json)
    print_json(*found);
  else
    print_text(*found);
  for (const auto& line : found->silent)
    note(line);
  if (found->reports.empty() && found->silent.empty())
    return fail("no running node of this user was found on this machine; start "
                "one with `sluice run FILE`, or name one with --url");
  return found->silent.empty() ? exit_ok : exit_failure;
}

/// Until Ctrl-C, which ends the process.
[[noreturn]] void keep_showing(const status_arguments& arguments) {
  const auto terminal = isatty(STDOUT_FILENO) == 1;
  while (true) {
    if (terminal && !arguments.json)
      std::cout << "\x1b[H\x1b[2J"; // ECMA-48: cursor home, erase the screen
    (void)show(arguments);
    std::cout.flush();
    std::this_thread::sleep_for(watch_interval);
  }
}

int wait(const status_arguments& arguments, std::chrono::milliseconds longest) {
  const auto missing = wait_caught_up(
      [&]() -> std::vector<status::report> {
        auto found = fetch(arguments);
        return found ? std::move(found->reports)
                     : std::vector<status::report>{};
      },
      longest);
  if (missing.empty())
    return exit_ok;
  note("not caught up after " + arguments.wait + ":");
  for (const auto& line : missing)
    note("  " + line);
  return exit_failure;
}

int run(const status_arguments& arguments) {
  if (!arguments.wait.empty()) {
    const auto longest = parse_duration(arguments.wait);
    if (!longest)
      return refuse("--wait-caught-up: " + longest.error());
    if (const auto code = wait(arguments, *longest); code != exit_ok)
      return code;
  }
  if (arguments.watch)
    keep_showing(arguments);
  return show(arguments);
}

} // namespace

void add_status(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<status_arguments>();
  auto* verb = to.add_subcommand(
      "status", "show running nodes: addresses, tables, lag, gold windows");
  verb->footer(
      "Without --url: the nodes that this user runs on this machine. Exit code "
      "1 when there is\nnone or one does not answer.\n\n"
      "--wait-caught-up asks Kafka where the topics end at this moment and "
      "waits until all of\nit is in ClickHouse and committed, as two reports "
      "in a row say. It may be called right\nafter the start of a node or "
      "after `sluice kafka play`. Exit code 1 when the time is\nover, with "
      "what "
      "is still missing.\n\n"
      "--json prints {\"nodes\": [...]}; of each node, node.clickhouse_port is "
      "the port of the\nembedded ClickHouse's HTTP interface.");
  verb->add_flag("--json", arguments->json, "print JSON");
  verb->add_option_function<std::string>(
          "--pipeline",
          [arguments](const std::string& name) {
            arguments->wish.pipeline = name;
          },
          "only nodes of this pipeline")
      ->type_name("NAME");
  add_data(*verb, arguments->wish.data_directory,
           "only the node with this data directory");
  verb->add_option("--url", arguments->url,
                   "the node with this status page, on any machine "
                   "(http://HOST:PORT)");
  verb->add_flag("--watch", arguments->watch,
                 "show again every two seconds, until Ctrl-C");
  verb->add_option("--wait-caught-up", arguments->wait,
                   "wait until the nodes have written all that is on their "
                   "topics now, at most this long (60s, 5m)")
      ->type_name("DURATION");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return run(*arguments); };
  });
}

} // namespace sluice::cli
