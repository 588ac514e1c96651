// A node of the simulated cluster: the real actors of actors/, wired as
// actors/launch.cpp wires them, between the simulated Kafka and ClickHouse.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "actors/batching_writer.hpp"
#include "actors/insert_slots.hpp"
#include "actors/memory_budget.hpp"
#include "actors/partition_consumer.hpp"
#include "actors/supervisor.hpp"
#include "simulation/clickhouse_server.hpp"
#include "simulation/control_topic.hpp"
#include "simulation/dead_letter_sink.hpp"
#include "simulation/gold_server.hpp"
#include "simulation/group_membership.hpp"
#include "simulation/process.hpp"
#include "simulation/workload.hpp"
#include "status/metrics.hpp"

namespace sluice::simulation {

/// What all nodes of a schedule share.
struct cluster {
  stage& on;
  broker& logs;
  group_coordinator& group;
  clickhouse_server& clickhouse;
  topology::topology what;
  layouts tables;
  /// Every reason that a node gave for not going on, for the verdict.
  std::set<std::string> reasons;
  control_topic controls;
  gold_server golds;

  /// Whether some node named this condition.
  [[nodiscard]] bool says(std::string_view condition) const;
};

/// One life of a node's process, from its start to its end.
class node {
public:
  /// `instance`: a static member of the group.
  node(cluster& in, int number, std::optional<int> instance);

  void start();
  /// As SIGSTOP and SIGCONT.
  void pause();
  void resume();
  /// As SIGKILL: what it has sent may still arrive.
  void kill();
  /// As SIGTERM, up to the end of the membership.
  void leave();

  [[nodiscard]] bool is_running() const {
    return self_.is_alive() && !membership_.has_left();
  }
  [[nodiscard]] bool is_paused() const { return self_.is_paused(); }
  [[nodiscard]] bool is_alive() const { return self_.is_alive(); }
  [[nodiscard]] std::optional<int> instance() const { return instance_; }
  [[nodiscard]] const status::registry& metrics() const { return metrics_; }
  void appended(const kafka::topic_partition& where) {
    membership_.appended(where);
  }

private:
  template <class Handle>
  Handle adopt(Handle actor) {
    return in_.on.time.adopt(self_.number(), std::move(actor));
  }
  [[nodiscard]] actors::metrics_actor spawn_reports();
  [[nodiscard]] actors::batching_writer_actor
  spawn_writer(const std::string& table);
  [[nodiscard]] actors::partition_consumer_actor
  spawn_consumer(const std::shared_ptr<kafka::assigned_partition>& partition,
                 const actors::pipeline_writers& writers);
  [[nodiscard]] std::vector<actors::fed_table>
  tables_of(const std::string& topic, const actors::pipeline_writers& writers);
  [[nodiscard]] std::vector<actors::table_transformer_actor>
  spawn_transformers(const kafka::topic_partition& where,
                     const actors::pipeline_writers& writers,
                     const actors::partition_consumer_actor& consumer,
                     const std::vector<std::uint16_t>& epochs);
  [[nodiscard]] actors::window_marker_actor spawn_marker();
  [[nodiscard]] actors::gold_executor_actor spawn_executor();
  [[nodiscard]] actors::coordinator_actor
  spawn_coordinator(const actors::control_follower_actor& controls);

  cluster& in_;
  std::optional<int> instance_;
  process self_;
  status::registry metrics_;
  group_membership membership_;
  std::shared_ptr<dead_letter_sink> letters_;
  std::shared_ptr<actors::memory_budget> memory_;
  std::shared_ptr<actors::insert_slots> slots_;
  actors::metrics_actor reports_;
};

} // namespace sluice::simulation
