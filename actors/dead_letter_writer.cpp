#include "actors/dead_letter_writer.hpp"

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

dead_letter_writer_state::promise
dead_letter_writer_state::keep(const records_rejected& rejected,
                               promise answer) {
  const auto id = next_bundle_++;
  const auto count = rejected.dead_letters->size();
  bundles_.emplace(id, bundle{rejected, answer, count});
  for (std::size_t index = 0; index < count; ++index)
    send(id, index);
  return answer;
}

void dead_letter_writer_state::send(std::uint64_t id, std::size_t index) {
  auto letter = (*bundles_.at(id).rejected.dead_letters)[index];
  letter.where.topic = parts_.topic;
  const dead_letter_writer_actor me{self_};
  parts_.sink->send(letter, [me, id, index](std::string error) {
    caf::anon_send(me, dead_letter_answered{id, index, std::move(error)});
  });
}

void dead_letter_writer_state::handle(const dead_letter_answered& answer) {
  if (answer.error.empty()) {
    tell_trouble({});
    wait_.reset();
    auto found = bundles_.find(answer.bundle);
    if (--found->second.missing == 0) {
      found->second.answer.deliver(records_kept{});
      bundles_.erase(found);
    }
    return;
  }
  tell_trouble("dead letters cannot be written to topic " + parts_.topic + ": "
               + answer.error);
  if (failed_.empty())
    self_->delayed_send(self_, wait_.next(), retry_due{});
  failed_.push_back({answer.bundle, answer.index});
}

void dead_letter_writer_state::retry() {
  for (const auto& each : std::exchange(failed_, {}))
    send(each.bundle, each.index);
}

void dead_letter_writer_state::tell_trouble(const std::string& reason) {
  if (reason == trouble_)
    return;
  trouble_ = reason;
  log_line("kafka", reason.empty() ? "dead letters are written again" : reason);
  self_->send(parts_.reports, trouble_reported{"dead letters", reason});
}

dead_letter_writer_actor::behavior_type dead_letter_writer(
    dead_letter_writer_actor::stateful_pointer<dead_letter_writer_state> self,
    dead_letter_writer_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [self, &state](const records_rejected& rejected) {
        return state.keep(
            rejected,
            self->make_response_promise<dead_letter_writer_state::promise>());
      },
      [&state](const dead_letter_answered& answer) { state.handle(answer); },
      [&state](const retry_due&) { state.retry(); },
  };
}

} // namespace sluice::actors
