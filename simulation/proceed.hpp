// The word by which the simulated outside lets an actor go on: it waits while
// its node stands still, and is never heard when the node is gone.
#pragma once

#include <functional>
#include <utility>

#include <caf/all.hpp>

namespace sluice::simulation {

/// To itself.
struct proceed {
  std::function<void()> next;
};

/// Runs `next` in the actor `me` when it gets there. `Handle` takes `proceed`.
template <class Handle>
void tell(const caf::actor_addr& me, std::function<void()> next) {
  if (const auto actor = caf::actor_cast<Handle>(me))
    caf::anon_send(actor, proceed{std::move(next)});
}

} // namespace sluice::simulation

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::simulation::proceed)
