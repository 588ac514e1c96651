#include "cli/wait_caught_up.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "cli/caught_up.hpp"
#include "cli/log_ends.hpp"

namespace sluice::cli {

namespace {

using clock = std::chrono::steady_clock;

/// Nodes report every partition once a second.
constexpr std::chrono::milliseconds round_interval{300};
constexpr std::chrono::seconds kafka_deadline{3};

/// The logs of all nodes together: several pipelines may run here.
tl::expected<log_goals, std::string>
read_goals(const std::vector<status::report>& nodes) {
  log_goals result;
  std::vector<pipeline_logs> asked;
  for (const auto& node : nodes) {
    const auto logs = logs_of(node);
    if (std::ranges::find(asked, logs) != asked.end())
      continue;
    auto ends = read_log_ends(logs, kafka_deadline);
    if (!ends)
      return ends;
    result.merge(*ends);
    asked.push_back(logs);
  }
  return result;
}

} // namespace

std::vector<std::string> wait_caught_up(const report_round& ask,
                                        std::chrono::milliseconds longest) {
  const auto end = clock::now() + longest;
  std::optional<caught_up_watch> watch;
  std::vector<std::string> missing;
  while (true) {
    const auto nodes = ask();
    if (nodes.empty()) {
      missing = {"no node is running"};
    } else if (!watch) {
      auto goals = read_goals(nodes);
      if (goals && !goals->empty())
        watch.emplace(std::move(*goals));
      else
        missing = {goals ? std::string{"no topic is known yet"}
                         : goals.error()};
    }
    if (watch) {
      if (watch->observe(nodes))
        return {};
      missing = watch->behind();
      if (missing.empty())
        missing = {"a second report that says so"};
    }
    if (clock::now() >= end)
      return missing;
    std::this_thread::sleep_for(round_interval);
  }
}

} // namespace sluice::cli
