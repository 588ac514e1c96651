#include "simulation/control_link.hpp"

#include <utility>

namespace sluice::simulation {

using namespace actors;

simulated_link_actor::behavior_type
control_link(simulated_link_actor::pointer self, process* of,
             control_topic* topic) {
  const auto me = self->address();
  return {
      [=](const read_log& what) {
        auto answer = self->make_response_promise<
            caf::typed_response_promise<log_read>>();
        if (of->is_alive())
          topic->read(what.from, [me, answer](const auto& batch) {
            tell<simulated_link_actor>(me, [answer, batch]() mutable {
              answer.deliver(log_read{std::move(batch)});
            });
          });
        return answer;
      },
      [=](const append_to_log& what) {
        auto answer = self->make_response_promise<
            caf::typed_response_promise<log_appended>>();
        topic->append(*of, what.record, [me, answer](const auto& error) {
          tell<simulated_link_actor>(me, [answer, error]() mutable {
            answer.deliver(log_appended{error});
          });
        });
        return answer;
      },
      [](const link_answered&) {},
      [](const proceed& go_on) { go_on.next(); },
  };
}

} // namespace sluice::simulation
