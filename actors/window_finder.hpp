// Asks silver for event times, on a thread that may block.
#pragma once

#include <memory>
#include <string>

#include "actors/interfaces.hpp"
#include "clickhouse/client.hpp"

namespace sluice::actors {

/// Spawn detached. Owns one connection. Decides nothing.
window_finder_actor::behavior_type
window_finder(window_finder_actor::pointer self,
              std::shared_ptr<clickhouse::endpoint> endpoint);

} // namespace sluice::actors
