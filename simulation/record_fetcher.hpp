// Stands where actors/record_fetcher.hpp is: reads single records of the
// simulated logs.
#pragma once

#include "actors/interfaces.hpp"
#include "simulation/broker.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

/// `on` and `from` must outlive it.
actors::record_fetcher_actor::behavior_type
record_fetcher(actors::record_fetcher_actor::pointer self, stage* on,
               const broker* from);

} // namespace sluice::simulation
