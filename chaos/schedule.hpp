// What breaks in which round: the same for the same seed. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace sluice::chaos {

enum class disaster {
  /// Nothing but the network's faults.
  weather,
  /// kill -9 of a node, and a new one in its place.
  kill_node,
  /// kill -9 of ClickHouse, and a new one on its data.
  kill_clickhouse,
  /// SIGSTOP of a node until its session is over, then SIGCONT.
  pause_node,
  /// SIGTERM of a node, and a new one in its place.
  replace_node,
  /// One more node for the round.
  extra_node,
  /// ClickHouse answers nothing for a while.
  stall,
  /// A table is gone for a while.
  missing_table,
  /// The broker is restarted.
  restart_broker,
};
inline constexpr std::size_t disaster_kinds = 9;

/// "kill node"; stable, for the report.
[[nodiscard]] std::string_view to_string(disaster what);

struct round_plan {
  disaster what = disaster::weather;
  /// Which node or log table, to be taken modulo their number.
  std::size_t victim = 0;
  /// How long the victim is away; for a paused node: beyond its session.
  std::chrono::milliseconds away{0};
  /// How long the round goes on after it.
  std::chrono::milliseconds after{0};
  /// So many requests of a hundred meet a fault.
  int fault_percent = 0;
  /// Poison records in this round.
  int poison = 0;
};

/// Every kind of disaster comes once before any comes for the third time:
/// kinds are drawn like cards from a shuffled stack that holds the usual ones
/// twice.
class schedule {
public:
  schedule(std::uint64_t seed, bool broker_restarts);
  [[nodiscard]] round_plan next();

private:
  [[nodiscard]] std::chrono::milliseconds between(int least_ms, int most_ms);

  std::mt19937_64 random_;
  bool broker_restarts_;
  std::vector<disaster> stack_;
};

} // namespace sluice::chaos
