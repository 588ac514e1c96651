// Blocks in ClickHouse so that nobody else has to.
#pragma once

#include <memory>

#include "actors/interfaces.hpp"
#include "clickhouse/client.hpp"
#include "silver/table_layout.hpp"

namespace sluice::actors {

/// Spawn detached. Owns one connection; answers each attempt with its outcome
/// and decides nothing.
inserter_actor::behavior_type
inserter(inserter_actor::pointer self,
         std::shared_ptr<clickhouse::endpoint> endpoint,
         std::shared_ptr<const silver::table_layout> layout,
         std::string database);

} // namespace sluice::actors
