#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/clickhouse_access.hpp"
#include "cli/gold_choice.hpp"
#include "cli/gold_windows.hpp"
#include "cli/messages.hpp"
#include "cli/node_reports.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "plan/aligned_text.hpp"
#include "plan/words.hpp"

namespace sluice::cli {

namespace {

struct gold_list_arguments {
  std::string file;
  std::string name;
  std::size_t limit = 20;
  std::optional<std::filesystem::path> data;
};

std::string trigger_text(const topology::gold& gold) {
  auto triggers = gold.trigger;
  if (gold.on_watermark)
    triggers.emplace_back("watermark");
  if (gold.on_change)
    triggers.emplace_back("change");
  for (const auto& before : gold.after)
    triggers.push_back("after " + before);
  return triggers.empty() ? "by hand" : plan::joined(triggers);
}

void print_golds(const topology::topology& what, gold::instant now) {
  const auto moment = std::chrono::floor<std::chrono::seconds>(now);
  plan::aligned_text rows{""};
  rows.add({"gold", "window", "over", "trigger", "refresh", "next run"});
  for (const auto& gold : what.golds) {
    std::optional<std::chrono::sys_seconds> next;
    for (const auto& trigger : gold.trigger)
      if (const auto each = plan::next_firing(gold, trigger, moment))
        next = next ? std::min(*next, *each) : *each;
    rows.add({gold.name, plan::window_text(gold),
              gold.window.over_table + '.' + gold.window.over_column,
              trigger_text(gold), gold.refresh.empty() ? "-" : gold.refresh,
              next ? plan::moment_text(*next) : "-"});
  }
  std::cout << rows.text();
}

void print_windows(const topology::gold& gold,
                   const std::vector<listed_window>& windows,
                   const status::gold_report* leading, std::size_t limit) {
  std::cout << '\n' << gold.name;
  if (leading != nullptr) {
    std::cout << ": " << leading->dirty << " dirty";
    if (leading->watermark)
      std::cout << ", watermark " << status::to_string(*leading->watermark);
  }
  std::cout << '\n';
  if (windows.empty()) {
    std::cout << "  no window was run yet\n";
    return;
  }
  plan::aligned_text rows{"  "};
  rows.add({"window", "state", "rows", "data as of", "by", "attempt", ""});
  const auto hidden = windows.size() - std::min(limit, windows.size());
  for (auto i = hidden; i < windows.size(); ++i) {
    const auto& each = windows[i];
    rows.add({to_string(each.what), each.state, std::to_string(each.rows),
              each.data_as_of ? status::to_string(*each.data_as_of) : "-",
              each.trigger.empty() ? "-" : each.trigger,
              std::to_string(each.attempt), each.error});
  }
  if (hidden > 0)
    std::cout << "  (" << hidden << " older windows: --limit shows more)\n";
  std::cout << rows.text();
}

/// The one that leads reports golds; std::nullopt: none answers.
std::optional<status::report>
find_leader(const topology::topology& what,
            const std::optional<std::filesystem::path>& data) {
  auto reports = fetch_reports({what.pipeline, data});
  if (!reports)
    return std::nullopt;
  for (auto& report : reports->reports)
    if (!report.golds.empty())
      return std::move(report);
  return std::nullopt;
}

int list(const gold_list_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto& what = topology->what;
  if (!arguments.name.empty())
    if (const auto gold = find_gold(what, arguments.name); !gold)
      return refuse(gold.error());
  const auto now = std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  print_golds(what, now);
  const auto access = find_clickhouse(what, arguments.data, if_missing::refuse);
  if (!access) {
    note("the windows are not shown: " + access.error());
    return exit_ok;
  }
  const auto client = access->connect(what.clickhouse.database);
  const auto runs = gold::read_newest_runs(*client, what.clickhouse.database);
  if (!runs)
    return fail(explain(runs.error()));
  const auto leader = find_leader(what, arguments.data);
  if (!leader)
    note("no node of this machine leads the gold runs: what has changed since "
         "a window's last run, and what runs now, is not shown");
  for (const auto& gold : what.golds) {
    if (!arguments.name.empty() && gold.name != arguments.name)
      continue;
    const status::gold_report* leading = nullptr;
    if (leader)
      for (const auto& each : leader->golds)
        if (each.name == gold.name)
          leading = &each;
    print_windows(gold, list_windows(gold, *runs, leading, now), leading,
                  arguments.limit);
  }
  return exit_ok;
}

} // namespace

void add_gold_list(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<gold_list_arguments>();
  auto* verb = to.add_subcommand(
      "list", "the gold tables of a topology and the state of their windows");
  verb->footer("final: over and run; open: not over yet; dirty: rows have "
               "changed since its run;\nwaiting, running, retrying, failed; "
               "cut off: its node has stopped.\n\n"
               "  sluice gold list config/sales.yaml");
  add_file(*verb, arguments->file);
  verb->add_option("NAME", arguments->name, "only this gold")->type_name("");
  verb->add_option("--limit", arguments->limit,
                   "newest windows to show of each (default 20)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  add_data(*verb, arguments->data,
           "data directory of the embedded ClickHouse (default: that of the "
           "running node, else sluice-data)");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return list(*arguments); };
  });
}

} // namespace sluice::cli
