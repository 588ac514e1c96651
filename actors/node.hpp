// One node of a topology, from its start to its orderly end: the only place
// that names the concrete Kafka, ClickHouse and status server.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "topology/topology.hpp"

namespace sluice::actors {

struct node_options {
  /// Where the embedded parts keep their data; created when missing.
  std::filesystem::path data_directory = "sluice-data";
  /// Overrides the topology's status port.
  std::optional<std::uint16_t> status_port;
  /// Static group membership (group.instance.id): a restart within the session
  /// timeout keeps its partitions. Empty: dynamic.
  std::string instance_id;
  /// Create or migrate ClickHouse's tables at start (`sluice apply`).
  bool apply = true;
  /// Longest orderly shutdown.
  std::chrono::seconds shutdown_deadline{25};
};

/// Runs a node until SIGTERM or SIGINT, then shuts it down in order: the group
/// is left (partitions drain and commit), writers and the coordinator end, the
/// embedded parts close. A second signal ends the process at once; both lose
/// nothing. Call from the main thread before any other thread exists: signals
/// are blocked here and in all threads that follow.
///
/// Mistakes of the user (data directory not writable, port in use, wrong
/// password, tables that cannot be migrated) are one line on standard error and
/// the result 1; what may heal (unreachable broker or ClickHouse) is retried
/// and shown in the status. 0: ended in order.
[[nodiscard]] int run_node(const topology::topology& what,
                           const node_options& options);

} // namespace sluice::actors
