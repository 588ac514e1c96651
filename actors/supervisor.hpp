// Keeps the node's pipelines alive: one per assigned partition. A pipeline that
// fails starts again, whole, from the last committed cut; how often and how
// fast is the one line of policy below.
//
//   assigned ─► running ─► (revoked) draining ─► released
//                 │ ▲
//         failure ▼ │ backoff 1 s .. 30 s, over after 10 s of health
//               waiting
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "kafka/source.hpp"

namespace sluice::actors {

struct restart_policy {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds longest{30'000};
  /// A pipeline that lived this long counts as healthy: its backoff is over.
  std::chrono::milliseconds healthy_after{10'000};
};

struct supervisor_parts {
  /// The group that assigns partitions; called only after it has assigned one.
  std::function<kafka::group_member&()> group;
  /// Spawns the consumer of a partition with everything below it.
  std::function<partition_consumer_actor(
      std::shared_ptr<kafka::assigned_partition> partition)>
      spawn_consumer;
  /// The node leads while it owns this partition.
  kafka::topic_partition leading_partition;
  coordinator_actor coordinator;
  metrics_actor reports;
  restart_policy policy;
  /// How long a revoked partition may finish what is in flight; below the
  /// group's own revocation deadline.
  std::chrono::milliseconds drain_deadline{20'000};
};

class supervisor_state {
public:
  static inline const char* name = "supervisor";

  explicit supervisor_state(supervisor_actor::pointer self) : self_{self} {}

  void start(supervisor_parts parts);
  void handle(const partition_assigned& message);
  void handle(const partition_revoked& message);
  void handle(const partition_lost& message);
  void handle(const kafka_trouble& message);
  void handle(const restart_due& message);
  void handle(const drain_expired& message);
  void child_ended(const caf::down_msg& down);

private:
  struct pipeline {
    partition_consumer_actor consumer; // null while it waits for a restart
    caf::actor_clock::time_point spawned;
    backoff wait;
    bool revoked = false;
    bool lost = false;
  };

  void release(const kafka::topic_partition& where);
  void lead(bool leads);

  supervisor_actor::pointer self_;
  supervisor_parts parts_;
  std::map<kafka::topic_partition, pipeline> pipelines_;
};

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           supervisor_parts parts);

} // namespace sluice::actors
