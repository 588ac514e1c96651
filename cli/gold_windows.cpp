#include "cli/gold_windows.hpp"

#include <chrono>
#include <map>

namespace sluice::cli {

namespace {

gold::window window_of(const status::window_report& report) {
  return {std::chrono::floor<std::chrono::seconds>(report.start),
          std::chrono::floor<std::chrono::seconds>(report.end)};
}

listed_window of_ledger(const topology::gold& of, const gold::ledger_entry& run,
                        bool is_led, gold::instant now) {
  listed_window result{run.what,    {},          run.rows,
                       run.attempt, run.trigger, run.data_as_of,
                       run.error};
  switch (run.state) {
  case gold::run_state::done:
    result.state = run.what.end + of.window.lateness > now ? "open" : "final";
    break;
  case gold::run_state::failed:
    result.state = "failed";
    break;
  case gold::run_state::running:
    result.state = is_led ? "running" : "cut off";
    break;
  }
  return result;
}

} // namespace

std::vector<listed_window>
list_windows(const topology::gold& of,
             const std::vector<gold::ledger_entry>& runs,
             const status::gold_report* leading, gold::instant now) {
  std::map<gold::window, listed_window> windows;
  for (const auto& run : runs)
    if (run.gold == of.name)
      windows.emplace(run.what, of_ledger(of, run, leading != nullptr, now));
  if (leading != nullptr)
    for (const auto& report : leading->windows) {
      const auto what = window_of(report);
      auto& known = windows[what];
      known.what = what;
      // What is done the ledger knows better.
      if (report.state != "done")
        known.state = report.state;
      if (!report.error.empty())
        known.error = report.error;
    }
  std::vector<listed_window> result;
  for (auto& [what, known] : windows)
    result.push_back(std::move(known));
  return result;
}

} // namespace sluice::cli
