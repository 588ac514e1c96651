#include "simulation/inserter.hpp"

#include <utility>

namespace sluice::simulation {

simulated_inserter_actor::behavior_type
inserter(simulated_inserter_actor::stateful_pointer<inserter_state> self,
         const process* of, clickhouse_server* server, std::string table) {
  const simulated_inserter_actor me{self};
  const auto address = me.address();
  return {
      [self, of, server, address,
       table = std::move(table)](const actors::insert_block& work) {
        self->state.under_way = self->make_response_promise<
            caf::typed_response_promise<actors::insert_answered>>();
        if (of->is_alive())
          server->insert(
              table, work, [address](actors::insert_answered answer) {
                // Whoever sent the statement may be gone.
                const auto sender =
                    caf::actor_cast<simulated_inserter_actor>(address);
                if (sender)
                  caf::anon_send(sender, outcome_known{std::move(answer)});
              });
        return self->state.under_way;
      },
      [self](outcome_known& known) {
        self->state.under_way.deliver(std::move(known.answer));
      },
  };
}

} // namespace sluice::simulation
