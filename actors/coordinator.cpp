#include "actors/coordinator.hpp"

#include <algorithm>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

/// The wall clock may be set, so no timer is trusted for longer.
constexpr std::chrono::milliseconds longest_sleep{std::chrono::seconds{10}};

} // namespace

void coordinator_state::start(coordinator_parts parts) {
  parts_ = std::move(parts);
  for (const auto& each : parts_->executors)
    self_->link_to(each);
  self_->link_to(parts_->ledger);
  self_->link_to(parts_->log);
  idle_ = parts_->executors;
  wake();
  report();
}

void coordinator_state::wake() {
  const auto now = self_->clock().now();
  if (wake_at_ && now >= *wake_at_)
    wake_at_.reset();
  if (elected_ && !log_ && now >= next_stand_)
    stand();
  read_snapshot();
  read_on();
  append_again();
  if (term_ && !reading_ledger_ && !unconfirmed_
      && (!agenda_ || now >= next_check_))
    read_ledger();
  run_due();
}

/// Starts what is due, and sets the timer for what is due next.
void coordinator_state::run_due() {
  const auto now = parts_->now();
  auto next = now + longest_sleep;
  // A run of a former election may be about to replace the partition that one
  // of this would: its end wakes us.
  const auto is_alone =
      idle_.size() + running_.size() == parts_->executors.size();
  if (agenda_ && is_alone) {
    for (const auto& due :
         agenda_->take_due(*log_, parts_->executors.size(), now))
      run(due);
    if (const auto due = agenda_->next_wake(*log_, now))
      next = std::clamp(*due, now + std::chrono::milliseconds{10}, next);
  }
  const auto wait = next - now;
  const auto at = self_->clock().now() + wait;
  if (wake_at_ && *wake_at_ <= at)
    return;
  wake_at_ = at;
  self_->delayed_send(self_, wait, retry_due{});
}

// -- the ledger ---------------------------------------------------------------

void coordinator_state::read_ledger() {
  reading_ledger_ = true;
  next_check_ = self_->clock().now() + parts_->pace.check;
  run_since_check_ = running_;
  self_->request(parts_->ledger, caf::infinite, actors::read_ledger{})
      .then(
          [this, election = election_](const ledger_read& read) {
            if (election == election_)
              handle(read);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::handle(const ledger_read& read) {
  reading_ledger_ = false;
  tell_trouble(&trouble_lines::ledger,
               read.runs ? std::string{} : read.runs.error().message);
  if (!read.runs)
    return; // wake() asks again
  if (agenda_)
    return obey(read);
  unconfirmed_ = read;
  read_on();
}

/// The ids of this term's runs come behind all that the ledger has. Were runs
/// of a newer term among them, its record would be in the log that has been
/// read since: else a node that stood still would come back with ids behind
/// those of its successor, and what it publishes late would be taken for the
/// newest.
void coordinator_state::plan() {
  const auto read = *std::exchange(unconfirmed_, std::nullopt);
  auto planned = gold::agenda::plan(parts_->golds, *read.runs, parts_->now());
  if (!planned)
    return self_->quit(failure(planned.error()));
  agenda_ = std::move(*planned);
  for (const auto& each : *read.runs)
    run_term_ = std::max(run_term_, gold::term_of(each.run_id) + 1);
  run_term_ = std::max(run_term_, *term_);
  obey(read);
}

void coordinator_state::obey(const ledger_read& read) {
  const auto now = parts_->now();
  mark_resets(*read.runs);
  mark_lost(*read.runs);
  for (const auto& each : read.unsound) {
    // While a run ends, its rows and the ledger differ.
    if (run_since_check_.contains({each.gold, each.what}))
      continue;
    if (agenda_->request(each.gold, each.what, "repair", now))
      log_line("gold " + each.gold,
               "window " + gold::to_string(each.what)
                   + " is not what its last run published: it is run again");
  }
  run_due();
}

// -- running ------------------------------------------------------------------

void coordinator_state::run(const gold::due_run& due) {
  log_line("gold " + due.gold, "runs window " + gold::to_string(due.what)
                                   + ", attempt " + std::to_string(due.attempt)
                                   + ", by " + due.trigger);
  gold::run_request request;
  request.what = due.what;
  request.attempt = due.attempt;
  request.trigger = due.trigger;
  request.run_id = gold::make_run_id(run_term_, ++runs_begun_);
  request.node = parts_->node;
  const auto run_id = request.run_id;
  const auto executor = idle_.back();
  idle_.pop_back();
  running_.emplace(due.gold, due.what);
  run_since_check_.emplace(due.gold, due.what);
  self_
      ->request(executor, caf::infinite,
                run_window{due.gold, std::move(request)})
      .then(
          [this, due, run_id, executor,
           election = election_](const window_finished& finished) {
            idle_.push_back(executor);
            if (election != election_)
              return run_due();
            if (finished.outcome)
              publish(due, run_id);
            handle(due, finished);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// After the window shows the new rows: were it told before, a crash in between
/// would leave the old ones for clean.
void coordinator_state::publish(const gold::due_run& run,
                                const std::string& run_id) {
  append(gold::encode(
      gold::run_finished{run.gold, run.what, run_id, *term_, run.covers}));
}

void coordinator_state::handle(const gold::due_run& run,
                               const window_finished& finished) {
  running_.erase({run.gold, run.what});
  auto& metrics = parts_->metrics.at(run.gold);
  const auto subject = "gold " + run.gold;
  const auto window = "window " + gold::to_string(run.what);
  if (finished.outcome) {
    const auto& result = *finished.outcome;
    metrics.runs_done.add();
    metrics.run_time.observe(result.duration);
    log_line(subject, window + ": " + std::to_string(result.rows) + " rows in "
                          + std::to_string(result.duration.count()) + " ms");
    if (!result.warning.empty())
      log_line(subject, result.warning);
    agenda_->finished(run, result.rows, parts_->now());
  } else {
    metrics.runs_failed.add();
    const auto& reason = finished.outcome.error().message;
    log_line(subject, window + " failed: " + reason);
    agenda_->failed(run, reason, parts_->now());
  }
  run_due();
}

void coordinator_state::tell_trouble(std::string trouble_lines::*about,
                                     const std::string& reason) {
  auto& known = troubles_.*about;
  if (known == reason)
    return;
  known = reason;
  std::string all;
  for (const auto& each :
       {troubles_.ledger, troubles_.reading, troubles_.appending})
    if (!each.empty())
      all += (all.empty() ? "" : "; ") + each;
  log_line("coordinator",
           all.empty() ? "is well again" : "cannot go on: " + all);
  self_->send(parts_->reports, trouble_reported{"gold", all});
}

coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            coordinator_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const leadership_changed& change) { state.handle(change); },
      [&state](const retry_due&) { state.wake(); },
      [&state](const report_due&) { state.report(); },
  };
}

} // namespace sluice::actors
