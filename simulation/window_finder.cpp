#include "simulation/window_finder.hpp"

#include <utility>

namespace sluice::simulation {

simulated_finder_actor::behavior_type
window_finder(simulated_finder_actor::pointer self, const process* of,
              clickhouse_server* server) {
  using promise = caf::typed_response_promise<actors::times_found>;
  const auto me = self->address();
  return {
      [=](const actors::find_times& what) {
        auto answer = self->make_response_promise<promise>();
        if (of->is_alive())
          server->ask(
              what.questions, [me, answer](const actors::times_found& found) {
                tell<simulated_finder_actor>(
                    me, [answer, found]() mutable { answer.deliver(found); });
              });
        return answer;
      },
      [](const proceed& go_on) { go_on.next(); },
  };
}

} // namespace sluice::simulation
