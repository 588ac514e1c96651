#include "simulation/inserter.hpp"

#include <utility>

namespace sluice::simulation {

namespace {

using namespace actors;

/// Sends an answer to the inserter, if it is still there: whoever sent the
/// request may be gone.
template <class Message, class Answer>
std::function<void(Answer)> send_to(const caf::actor_addr& address) {
  return [address](Answer answer) {
    const auto sender = caf::actor_cast<simulated_inserter_actor>(address);
    if (sender)
      caf::anon_send(sender, Message{std::move(answer)});
  };
}

} // namespace

simulated_inserter_actor::behavior_type
inserter(simulated_inserter_actor::stateful_pointer<inserter_state> self,
         const process* of, clickhouse_server* server,
         const std::string& table) {
  const simulated_inserter_actor me{self};
  const auto address = me.address();
  return {
      [=](const insert_block& work) {
        self->state.insert = self->make_response_promise<
            caf::typed_response_promise<insert_answered>>();
        if (of->is_alive())
          server->insert(table, work,
                         send_to<inserted, insert_answered>(address));
        return self->state.insert;
      },
      [=](const ask_rows& what) {
        self->state.rows = self->make_response_promise<
            caf::typed_response_promise<rows_told>>();
        if (of->is_alive())
          server->ask(table, what, send_to<rows_known, rows_told>(address));
        return self->state.rows;
      },
      [=](const ask_newest& what) {
        self->state.newest = self->make_response_promise<
            caf::typed_response_promise<newest_told>>();
        if (of->is_alive())
          server->ask(table, what, send_to<newest_known, newest_told>(address));
        return self->state.newest;
      },
      [=](inserted& known) {
        self->state.insert.deliver(std::move(known.answer));
      },
      [=](rows_known& known) {
        self->state.rows.deliver(std::move(known.answer));
      },
      [=](newest_known& known) {
        self->state.newest.deliver(std::move(known.answer));
      },
  };
}

} // namespace sluice::simulation
