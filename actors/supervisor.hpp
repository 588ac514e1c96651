// Keeps the node's pipelines alive: one per assigned partition. A pipeline that
// fails starts again, whole, from the last committed cut; how often and how
// fast is the one line of policy below.
//
//   assigned ─► running ─► (revoked) draining ─► released
//                 │ ▲
//         failure ▼ │ backoff 1 s .. 30 s, over after 10 s of health
//               waiting
//
// A pipeline that ends without a reason while its partition is assigned wants
// to start again from what is committed now: that is no failure. After a reset
// of a table it does so without a wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

/// What a pipeline writes to; the same for all pipelines of the node.
struct pipeline_writers {
  std::map<std::string, batching_writer_actor> tables;
  dead_letter_writer_actor dead_letters;
  record_fetcher_actor records;
  /// Null without golds.
  window_marker_actor marker = {};
};

struct supervisor_parts {
  /// The group that assigns partitions; called only after it has assigned one.
  std::function<kafka::group_member&()> group;
  /// Spawns the consumer of a partition with its transformers.
  std::function<partition_consumer_actor(
      std::shared_ptr<kafka::assigned_partition> partition,
      const pipeline_writers& writers)>
      spawn_consumer;
  std::vector<std::string> tables;
  std::function<batching_writer_actor(const std::string& table)> spawn_writer;
  std::function<dead_letter_writer_actor()> spawn_dead_letters;
  std::function<record_fetcher_actor()> spawn_record_fetcher;
  /// Empty: there are no golds that want to know what changes.
  std::function<window_marker_actor()> spawn_marker;
  /// With who follows the control log; null without one.
  std::function<coordinator_actor(const control_follower_actor&)>
      spawn_coordinator;
  /// Empty: there is no control log, and no table is ever paused. Otherwise
  /// writers wait for the supervisor's word.
  std::function<control_follower_actor(supervisor_actor)> spawn_controls;
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
  void handle(const leadership_changed& message);
  void handle(const controls_followed& message);
  void handle(const restart_due& message);
  void handle(const drain_expired& message);
  void start_coordinator();
  void child_ended(const caf::down_msg& down);

private:
  struct pipeline {
    partition_consumer_actor consumer; // null while it waits for a restart
    caf::actor_clock::time_point spawned;
    backoff wait;
    bool revoked = false;
    bool lost = false;
    /// It was told of a reset: where it ends by itself, it starts again at
    /// once.
    bool reset = false;
  };

  void end(const caf::error& reason);
  void start_writers();
  void tell_pause(const std::string& table);
  void tell_reset(const std::string& table, std::uint16_t epoch);
  void pipeline_ended(const kafka::topic_partition& where,
                      const std::string& reason);
  void writer_ended(const std::string& writer, const std::string& reason);
  void coordinator_ended(const std::string& reason);
  void tell_failure(actor_failed what);
  void tell_recovery(const std::string& actor);
  void release(const kafka::topic_partition& where);

  supervisor_actor::pointer self_;
  supervisor_parts parts_;
  std::map<kafka::topic_partition, pipeline> pipelines_;
  pipeline_writers writers_;
  control_follower_actor controls_;
  coordinator_actor coordinator_;
  /// Why tables are paused; std::nullopt: not known yet.
  std::optional<std::map<std::string, std::string>> paused_;
  /// Epochs of the tables' last resets, as far as known.
  std::map<std::string, std::uint16_t> resets_;
  caf::actor_clock::time_point coordinator_spawned_;
  backoff coordinator_wait_{restart_policy{}.first, restart_policy{}.longest};
  bool leads_ = false;
};

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           supervisor_parts parts);

} // namespace sluice::actors
