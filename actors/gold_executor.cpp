#include "actors/gold_executor.hpp"

#include <algorithm>
#include <chrono>

#include "actors/failure.hpp"
#include "actors/wall_clock.hpp"
#include "gold/repair.hpp"

namespace sluice::actors {

namespace {

/// Staging tables of a run that is still alive must not be swept away.
constexpr std::chrono::minutes sweep_margin{5};

struct executor_parts {
  std::shared_ptr<clickhouse::client> client;
  std::string database;
  std::string pipeline;
  std::vector<topology::gold> golds;
};

std::chrono::seconds sweep_age(const std::vector<topology::gold>& golds) {
  std::chrono::milliseconds longest{0};
  for (const auto& each : golds)
    longest = std::max(longest, each.timeout);
  return std::chrono::ceil<std::chrono::seconds>(longest) + sweep_margin;
}

ledger_read read(executor_parts& parts) {
  ledger_read result{gold::read_newest_runs(*parts.client, parts.database), {}};
  if (!result.runs)
    return result;
  // Neither of the two is needed to go on: they are asked again in a minute.
  (void)gold::sweep_staging(*parts.client, parts.database,
                            sweep_age(parts.golds));
  for (const auto& each : parts.golds) {
    const auto found =
        gold::find_unsound_windows(*parts.client, parts.database, each);
    if (!found)
      continue;
    for (const auto& what : *found)
      result.unsound.push_back({each.name, what});
  }
  return result;
}

window_finished run(executor_parts& parts, const run_window& order) {
  const auto found = std::find_if(
      parts.golds.begin(), parts.golds.end(),
      [&](const topology::gold& each) { return each.name == order.gold; });
  if (found == parts.golds.end())
    return {tl::make_unexpected(clickhouse::error{
        clickhouse::remedy::stop, 0, false, "no gold table " + order.gold})};
  return {gold::run_window(*parts.client, parts.database, *found, order.request,
                           system_wall_clock)};
}

} // namespace

gold_executor_actor::behavior_type
gold_executor(gold_executor_actor::pointer self,
              std::shared_ptr<clickhouse::endpoint> endpoint,
              std::string database, std::string pipeline,
              std::vector<topology::gold> golds) {
  keep_failure_text(self);
  auto parts = std::make_shared<executor_parts>(
      executor_parts{endpoint->connect(), std::move(database),
                     std::move(pipeline), std::move(golds)});
  return {
      [parts](const run_window& order) { return run(*parts, order); },
      [parts](const read_ledger&) { return read(*parts); },
      [parts](const read_snapshot&) -> snapshot_read {
        return {
            gold::read_state(*parts->client, parts->database, parts->pipeline)};
      },
      [parts](const save_snapshot& what) -> snapshot_saved {
        return {gold::save_state(*parts->client, parts->database,
                                 parts->pipeline, what.state)};
      },
  };
}

} // namespace sluice::actors
