#include "actors/control_link.hpp"

#include <utility>

#include "actors/failure.hpp"

namespace sluice::actors {

std::string control_link_state::open() {
  if (log_)
    return {};
  auto opened = parts_.open();
  if (!opened)
    return opened.error();
  log_ = std::move(*opened);
  return log_ ? std::string{} : "the control log is missing";
}

log_read control_link_state::read(const read_log& from) {
  if (auto wrong = open(); !wrong.empty())
    return {tl::make_unexpected(std::move(wrong))};
  return {log_->read(from.from, parts_.patience)};
}

control_link_state::append_promise
control_link_state::append(const append_to_log& what, append_promise answer) {
  if (auto wrong = open(); !wrong.empty()) {
    answer.deliver(log_appended{std::move(wrong)});
    return answer;
  }
  const auto number = next_number_++;
  waiting_.emplace(number, answer);
  const control_link_actor me{self_};
  log_->append(what.record, [me, number](std::string error) {
    caf::anon_send(me, link_answered{number, std::move(error)});
  });
  return answer;
}

void control_link_state::handle(const link_answered& answer) {
  if (auto found = waiting_.extract(answer.number))
    found.mapped().deliver(log_appended{answer.error});
}

control_link_actor::behavior_type
control_link(control_link_actor::stateful_pointer<control_link_state> self,
             control_link_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const read_log& from) { return state.read(from); },
      [self, &state](const append_to_log& what) {
        return state.append(
            what,
            self->make_response_promise<control_link_state::append_promise>());
      },
      [&state](const link_answered& answer) { state.handle(answer); },
  };
}

} // namespace sluice::actors
