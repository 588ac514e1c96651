// Runs many windows of a gold: by the node that leads, or by this process.
#pragma once

#include <vector>

#include "cli/clickhouse_access.hpp"
#include "gold/window.hpp"
#include "kafka/topics.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

struct backfill {
  const topology::topology& what;
  const topology::gold& gold;
  /// Oldest first, at least one, without gaps.
  const std::vector<gold::window>& windows;
  const clickhouse_access& access;
};

/// Asks the pipeline's coordinator over the control log, and follows the ledger
/// until every window was run. What was asked stays asked when this process
/// ends. Returns the exit code; prints what happens.
[[nodiscard]] int run_by_coordinator(const backfill& wanted,
                                     const kafka::broker_address& at);

/// Runs the windows in this process, `parallel` at once. A window that fails
/// ends it; those before it are done. Only for when no node leads: a
/// coordinator would run them again that does not know of these runs.
[[nodiscard]] int run_here(const backfill& wanted, std::size_t parallel);

} // namespace sluice::cli
