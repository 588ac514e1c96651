#include "simulation/dead_letter_sink.hpp"

#include <utility>

namespace sluice::simulation {

void dead_letter_sink::send(const kafka::owned_record& record,
                            std::function<void(std::string)> done) {
  if (!of_.is_alive())
    return;
  const auto tell = [this, done = std::move(done)](std::string error) {
    on_.time.after(on_.hop(), [this, done, error = std::move(error)] {
      of_.reach([done, error] { done(error); });
    });
  };
  const auto reply_lost =
      on_.strikes(on_.faults.letter_reply_lost, "dead letters unanswered");
  if (!reply_lost && on_.strikes(on_.faults.letter_lost, "dead letters lost"))
    return tell("Local: Message timed out");
  on_.time.after(on_.hop(), [this, record, reply_lost, tell] {
    to_.letters.push_back(record);
    tell(reply_lost ? "Local: Message timed out" : "");
  });
}

} // namespace sluice::simulation
