// Runs gold windows in ClickHouse, one after the other, on a thread that may
// block.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/interfaces.hpp"
#include "clickhouse/client.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// Spawn detached. Owns one connection. Decides nothing.
gold_executor_actor::behavior_type
gold_executor(gold_executor_actor::pointer self,
              std::shared_ptr<clickhouse::endpoint> endpoint,
              std::string database, std::string pipeline,
              std::vector<topology::gold> golds);

} // namespace sluice::actors
