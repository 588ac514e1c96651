#include "chaos/schedule.hpp"

#include <array>
#include <utility>

namespace sluice::chaos {

namespace {

constexpr std::array<std::string_view, disaster_kinds> names = {
    "network faults only", "kill node",     "kill ClickHouse",
    "pause node",          "replace node",  "extra node",
    "stall ClickHouse",    "missing table", "restart broker",
};

constexpr std::array usual = {
    disaster::kill_node,       disaster::kill_node,
    disaster::kill_node,       disaster::kill_clickhouse,
    disaster::kill_clickhouse, disaster::pause_node,
    disaster::pause_node,      disaster::replace_node,
    disaster::extra_node,      disaster::weather,
    disaster::stall,           disaster::missing_table,
};

// Two rounds of three have faults on the way to ClickHouse.
constexpr std::array fault_percents = {0, 8, 25};
constexpr std::uint64_t poison_one_in = 3;

} // namespace

std::string_view to_string(disaster what) {
  return names[static_cast<std::size_t>(what)];
}

schedule::schedule(std::uint64_t seed, bool broker_restarts)
    : random_{seed}, broker_restarts_{broker_restarts} {}

std::chrono::milliseconds schedule::between(int least_ms, int most_ms) {
  const auto span = static_cast<std::uint64_t>(most_ms - least_ms) + 1;
  return std::chrono::milliseconds{
      least_ms + static_cast<std::int64_t>(random_() % span)};
}

round_plan schedule::next() {
  if (stack_.empty()) {
    stack_.assign(usual.begin(), usual.end());
    if (broker_restarts_)
      stack_.push_back(disaster::restart_broker);
    // Not std::shuffle: its result is the library's, not the seed's.
    for (std::size_t i = stack_.size(); i > 1; --i)
      std::swap(stack_[i - 1], stack_[random_() % i]);
  }
  round_plan result;
  result.what = stack_.back();
  stack_.pop_back();
  result.victim = static_cast<std::size_t>(random_() % 1'000'000);
  result.away = between(50, 1500);
  if (result.what == disaster::pause_node)
    result.away = between(300, 2000);
  if (result.what == disaster::missing_table)
    result.away = between(500, 3000);
  if (result.what == disaster::stall)
    result.away = between(1000, 4000);
  result.after = between(1000, 3000);
  result.fault_percent = fault_percents[random_() % fault_percents.size()];
  if (random_() % poison_one_in == 0)
    result.poison = 1 + static_cast<int>(random_() % 3);
  return result;
}

} // namespace sluice::chaos
