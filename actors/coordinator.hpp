// Decides which gold windows run, while this node leads. All it knows is the
// agenda; the work is done by the gold executor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/interfaces.hpp"
#include "actors/wall_clock.hpp"
#include "gold/agenda.hpp"
#include "status/metrics.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

struct coordinator_parts {
  std::vector<topology::gold> golds;
  gold_executor_actor executor;
  /// Name of this node, for the ledger.
  std::string node;
  std::map<std::string, status::gold_metrics> metrics;
  metrics_actor reports;
  wall_clock now;
};

class coordinator_state {
public:
  static inline const char* name = "coordinator";

  explicit coordinator_state(coordinator_actor::pointer self) : self_{self} {}

  void start(coordinator_parts parts);
  void handle(const leadership_changed& change);
  void wake();
  void report();

private:
  void run_due();
  void read_ledger();
  void handle(ledger_read read);
  void run(const gold::due_run& due);
  void handle(const gold::due_run& run, const window_finished& finished);
  void tell_trouble(const std::string& reason);

  coordinator_actor::pointer self_;
  coordinator_parts parts_;
  bool leads_ = false;
  /// While leading, once the ledger is read.
  std::optional<gold::agenda> agenda_;
  /// Of the actors' clock, which nobody sets.
  caf::actor_clock::time_point next_check_{};
  /// When the newest timer fires; std::nullopt: none is set.
  std::optional<caf::actor_clock::time_point> wake_at_;
  bool reading_ = false;
  std::string trouble_;
};

coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            coordinator_parts parts);

} // namespace sluice::actors
