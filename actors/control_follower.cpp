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
  notice_gap(batch->start);
  for (const auto& record : batch->records)
    see(record);
  next_ = batch->next;
  if (!batch->at_end())
    return self_->send(self_, retry_due{});
  tell_of_gap();
  tell();
  self_->delayed_send(self_, look_again, retry_due{});
}

void control_follower_state::see(const kafka::control_record& record) {
  const auto told =
      controls_.obey(record.offset, record.appended_at(), record.bytes);
  if (!told)
    return log_line(subject, "offset " + std::to_string(record.offset)
                                 + " is passed over: " + told.error());
  resumed_.insert(told->resumed.begin(), told->resumed.end());
  changed_ = changed_ || told->is_told;
}

void control_follower_state::notice_gap(std::int64_t log_start) {
  if (log_start <= next_)
    return;
  gone_below_ = log_start;
  gap_is_told_ = false;
}

/// Whoever trims the log restates first; who else deletes records does not.
void control_follower_state::tell_of_gap() {
  if (controls_.restated_as_of() >= gone_below_
      || std::exchange(gap_is_told_, true))
    return;
  log_line(subject, "its records below offset " + std::to_string(gone_below_)
                        + " are gone, and what they said of tables is nowhere "
                          "else: a table that was paused may run; pause it "
                          "again with `sluice table pause`");
}

void control_follower_state::tell() {
  if (!std::exchange(changed_, false))
    return;
  const auto resumed = std::exchange(resumed_, {});
  self_->send(parts_->supervisor,
              controls_followed{controls_.pauses(),
                                {resumed.begin(), resumed.end()},
                                controls_.epochs()});
}

/// A word that comes too early is passed over: another comes with the next
/// state that is saved.
void control_follower_state::handle(const trim_log& message) {
  if (!log_ || next_ < message.before)
    return;
  const control_follower_actor me{self_};
  log_->append(controls_.restate(next_),
               [me, before = message.before](std::string error) {
                 caf::anon_send(me, tables_restated{before, std::move(error)});
               });
}

void control_follower_state::handle(const tables_restated& message) {
  const auto failed = [](const std::string& reason) {
    log_line(subject, "is not trimmed: " + reason);
  };
  if (!message.error.empty())
    return failed(message.error);
  const auto outcome = log_->trim(message.before);
  if (!outcome)
    return failed(outcome.error());
  if (*outcome == kafka::trim_outcome::trimmed)
    log_line(subject, "is trimmed: it begins at offset "
                          + std::to_string(message.before));
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
  return {
      [&state](const retry_due&) { state.follow(); },
      [&state](const trim_log& message) { state.handle(message); },
      [&state](const tables_restated& message) { state.handle(message); },
  };
}

} // namespace sluice::actors
