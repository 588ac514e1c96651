// Stands where actors/control_link.hpp is: reads and appends to the simulated
// control log.
#pragma once

#include "actors/interfaces.hpp"
#include "simulation/control_topic.hpp"
#include "simulation/proceed.hpp"
#include "simulation/process.hpp"

namespace sluice::simulation {

using simulated_link_actor =
    actors::control_link_actor::extend<caf::reacts_to<proceed>>;

/// `of` and `topic` must outlive it.
simulated_link_actor::behavior_type
control_link(simulated_link_actor::pointer self, process* of,
             control_topic* topic);

} // namespace sluice::simulation
