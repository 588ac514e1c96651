#include <iostream>
#include <memory>

#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "plan/aligned_text.hpp"
#include "plan/words.hpp"

namespace sluice::cli {

namespace {

void print(const topology::topology& what) {
  const auto now = std::chrono::floor<std::chrono::seconds>(
      std::chrono::system_clock::now());
  plan::aligned_text rows{""};
  rows.add({"gold", "window", "over", "trigger", "next run"});
  for (const auto& gold : what.golds) {
    std::optional<std::chrono::sys_seconds> next;
    for (const auto& trigger : gold.trigger)
      if (const auto each = plan::next_firing(gold, trigger, now))
        next = next ? std::min(*next, *each) : *each;
    rows.add({gold.name, plan::window_text(gold),
              gold.window.over_table + '.' + gold.window.over_column,
              gold.trigger.empty() ? "by hand" : plan::joined(gold.trigger),
              next ? plan::moment_text(*next) : "-"});
  }
  std::cout << rows.text();
}

} // namespace

void add_gold_list(CLI::App& to, action& chosen) {
  auto file = std::make_shared<std::string>();
  auto* verb = to.add_subcommand(
      "list", "the gold tables of a topology and when they run next");
  add_file(*verb, *file);
  verb->callback([&chosen, file] {
    chosen = [file] {
      const auto topology = load_topology(*file);
      if (!topology)
        return exit_mistake;
      print(topology->what);
      return exit_ok;
    };
  });
}

} // namespace sluice::cli
