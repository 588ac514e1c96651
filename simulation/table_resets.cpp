#include "simulation/table_resets.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "plan/table_reset.hpp"

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

/// As the command finds it, from outside.
std::uint16_t unused_epoch(const cluster& what, const std::string& table) {
  std::vector<std::uint16_t> in_use{what.clickhouse.least_epoch(table)};
  for (const auto& [where, log] : what.logs.logs()) {
    const auto metadata = kafka::decode_position_metadata(
        log.committed.metadata, log.committed.offset.value_or(0));
    for (const auto& each : metadata.value().tables)
      in_use.push_back(each.epoch);
  }
  const auto& told = what.controls.told().epochs();
  if (const auto found = told.find(table); found != told.end())
    in_use.push_back(found->second);
  return plan::epoch_after(in_use).value();
}

} // namespace

void table_resets::reset_any() {
  const auto& tables = what_.what.tables;
  reset(tables[what_.on.chance.below(tables.size())].name);
}

void table_resets::finish() {
  for (const auto& [table, epoch] : std::exchange(untold_, {}))
    what_.controls.append({table, plan::table_verb::reset, "", epoch});
}

void table_resets::reset(const std::string& table) {
  auto& on = what_.on;
  const auto epoch = unused_epoch(what_, table);
  if (!what_.clickhouse.reset(table, epoch))
    return;
  ++on.counts["tables reset"];
  untold_[table] = epoch;
  if (on.chance.chance(0.3)) {
    ++on.counts["resets that died half-way"];
    return on.time.after(on.chance.within(500ms, 20s), [this, table, epoch] {
      const auto found = untold_.find(table);
      if (found != untold_.end() && found->second == epoch)
        reset(table);
    });
  }
  on.time.after(on.chance.within(1ms, 3s),
                [this, table, epoch] { tell(table, epoch); });
}

void table_resets::tell(const std::string& table, std::uint16_t epoch) {
  const auto found = untold_.find(table);
  if (found == untold_.end() || found->second != epoch)
    return;
  untold_.erase(found);
  what_.controls.append({table, plan::table_verb::reset, "", epoch});
}

} // namespace sluice::simulation
