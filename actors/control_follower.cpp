#include "actors/control_follower.hpp"

#include <chrono>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

constexpr auto subject = "control log";
constexpr std::chrono::seconds look_again{1};
/// For a log that there is not: another node may be allowed to make it.
constexpr std::chrono::minutes look_for_it_again{5};

} // namespace

void control_follower_state::start(control_follower_parts parts) {
  parts_ = std::move(parts);
  self_->send(self_, retry_due{});
}

void control_follower_state::follow() {
  if (log_)
    return read_on();
  auto opened = parts_->open();
  if (!opened)
    return trouble(opened.error());
  log_ = std::move(*opened);
  if (log_)
    return read_on();
  tell();
  self_->delayed_send(self_, look_for_it_again, retry_due{});
}

void control_follower_state::read_on() {
  const auto batch = log_->read(next_, std::chrono::milliseconds{0});
  if (!batch)
    return trouble(batch.error());
  trouble({});
  for (const auto& record : batch->records)
    see(record);
  next_ = batch->next;
  if (!batch->at_end())
    return self_->send(self_, retry_due{});
  tell();
  self_->delayed_send(self_, look_again, retry_due{});
}

void control_follower_state::see(const kafka::control_record& record) {
  const auto command = plan::parse_table_command(record.bytes);
  if (!command)
    return log_line(subject, "offset " + std::to_string(record.offset)
                                 + " is passed over: " + command.error());
  if (!*command)
    return;
  const auto& told = **command;
  const std::chrono::milliseconds when{record.timestamp_ms};
  pauses_.obey(told, std::chrono::sys_seconds{
                         std::chrono::floor<std::chrono::seconds>(when)});
  resets_.obey(told);
  if (told.what == plan::table_verb::resume)
    resumed_.insert(told.table);
  changed_ = true;
}

void control_follower_state::tell() {
  if (!std::exchange(changed_, false))
    return;
  const auto resumed = std::exchange(resumed_, {});
  self_->send(parts_->supervisor,
              controls_followed{pauses_.reasons(),
                                {resumed.begin(), resumed.end()},
                                resets_.epochs()});
}

/// Empty: there is none any more.
void control_follower_state::trouble(const std::string& reason) {
  if (reason != std::exchange(trouble_, reason)) {
    log_line(subject, reason.empty() ? "is read again" : reason);
    self_->send(parts_->reports, trouble_reported{subject, reason});
  }
  if (reason.empty())
    wait_.reset();
  else
    self_->delayed_send(self_, wait_.next(), retry_due{});
}

control_follower_actor::behavior_type control_follower(
    control_follower_actor::stateful_pointer<control_follower_state> self,
    control_follower_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {[&state](const retry_due&) { state.follow(); }};
}

} // namespace sluice::actors
