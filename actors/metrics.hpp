// Gathers what the others report into the node's one report.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "actors/interfaces.hpp"
#include "actors/status_board.hpp"
#include "status/metrics.hpp"

namespace sluice::actors {

struct metrics_parts {
  std::shared_ptr<status_board> board;
  std::shared_ptr<status::registry> registry;
};

class metrics_state {
public:
  static inline const char* name = "metrics";

  explicit metrics_state(metrics_actor::pointer self) : self_{self} {}

  void start(metrics_parts parts);
  void handle(const partition_reported& message);
  void handle(const partition_gone& message);
  void handle(const table_reported& message);
  void handle(const records_counted& message);
  void handle(const golds_reported& message);
  void handle(const trouble_reported& message);
  void handle(const actor_failed& message);
  void handle(const actor_recovered& message);
  void handle(const phase_changed& message);

private:
  void update_health();
  void stop(const kafka::topic_partition& where, const std::string& reason);

  [[maybe_unused]] metrics_actor::pointer self_;
  metrics_parts parts_;
  status::health_state phase_ = status::health_state::starting;
  std::map<std::string, records_counted> counted_; // by table
  std::map<std::string, std::string> troubles_;    // by part
  std::set<std::string> waiting_; // failed actors that start again later
};

metrics_actor::behavior_type
metrics(metrics_actor::stateful_pointer<metrics_state> self,
        metrics_parts parts);

} // namespace sluice::actors
