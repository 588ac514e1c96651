// Spawns a node's actors: the only file that knows which actor is made of what.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <caf/all.hpp>

#include "actors/insert_slots.hpp"
#include "actors/interfaces.hpp"
#include "actors/memory_budget.hpp"
#include "actors/status_board.hpp"
#include "clickhouse/client.hpp"
#include "kafka/control_log.hpp"
#include "kafka/record_fetch.hpp"
#include "kafka/sink.hpp"
#include "kafka/source.hpp"
#include "plan/schema.hpp"
#include "status/metrics.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// What the actors are given; shared by all of them, immutable or thread-safe,
/// and alive until the actor system is gone.
struct launch_parts {
  topology::topology what;
  plan::layouts layouts;
  std::shared_ptr<clickhouse::endpoint> endpoint;
  /// Makes a connection that reads single records again.
  std::function<
      tl::expected<std::unique_ptr<kafka::record_fetcher>, std::string>()>
      record_fetcher;
  /// Opens the control log, see control_follower_parts.
  std::function<
      tl::expected<std::unique_ptr<kafka::control_log>, std::string>()>
      control_log;
  std::shared_ptr<memory_budget> memory;
  std::shared_ptr<insert_slots> slots;
  std::shared_ptr<kafka::record_sink> dead_letters;
  std::function<kafka::group_member&()> group;
  std::shared_ptr<status::registry> registry;
  std::shared_ptr<status_board> board;
  /// Name of this node.
  std::string node;
};

struct launched {
  metrics_actor metrics;
  supervisor_actor supervisor;
};

[[nodiscard]] launched launch(caf::actor_system& system,
                              std::shared_ptr<const launch_parts> parts);

/// Turns what the group says into messages to the supervisor.
[[nodiscard]] std::shared_ptr<kafka::group_listener>
make_group_listener(supervisor_actor supervisor);

/// The topics of all tables, each once, sorted.
[[nodiscard]] std::vector<std::string>
topics_of(const topology::topology& what);

} // namespace sluice::actors
