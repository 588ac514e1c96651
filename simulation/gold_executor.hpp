// Stands where actors/gold_executor.hpp is: takes the steps of gold/runner.hpp
// on the simulated ClickHouse, each at a moment of its own. Its node may stand
// still or die between any two; what was sent takes effect all the same.
#pragma once

#include "actors/interfaces.hpp"
#include "simulation/gold_server.hpp"
#include "simulation/proceed.hpp"
#include "simulation/process.hpp"

namespace sluice::simulation {

using simulated_executor_actor =
    actors::gold_executor_actor::extend<caf::reacts_to<proceed>>;

/// `of` and `server` must outlive it.
simulated_executor_actor::behavior_type
gold_executor(simulated_executor_actor::pointer self, const process* of,
              gold_server* server, stage* on);

} // namespace sluice::simulation
