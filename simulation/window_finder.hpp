// Stands where actors/window_finder.hpp is: asks the simulated ClickHouse.
#pragma once

#include "actors/interfaces.hpp"
#include "simulation/clickhouse_server.hpp"
#include "simulation/proceed.hpp"
#include "simulation/process.hpp"

namespace sluice::simulation {

using simulated_finder_actor =
    actors::window_finder_actor::extend<caf::reacts_to<proceed>>;

/// `of` and `server` must outlive it.
simulated_finder_actor::behavior_type
window_finder(simulated_finder_actor::pointer self, const process* of,
              clickhouse_server* server);

} // namespace sluice::simulation
