#include "actors/coordinator.hpp"

#include <algorithm>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

/// The wall clock may be set, so no timer is trusted for longer.
constexpr std::chrono::milliseconds longest_sleep{std::chrono::seconds{10}};
/// How often published windows are compared with the ledger.
constexpr std::chrono::milliseconds check_interval{std::chrono::minutes{1}};
constexpr std::chrono::milliseconds report_interval{std::chrono::seconds{1}};

status::window_report make_report(const std::string& gold,
                                  const gold::window_status& known) {
  status::window_report result;
  result.gold = gold;
  result.start = known.what.start;
  result.end = known.what.end;
  result.state = gold::to_string(known.state);
  result.attempt = known.attempt;
  result.rows = known.rows;
  result.error = known.error;
  if (known.ended_at != gold::instant{})
    result.last_run = known.ended_at;
  if (known.due_at != gold::instant{}
      && (known.state == gold::window_state::waiting
          || known.state == gold::window_state::retrying))
    result.next_run = known.due_at;
  return result;
}

} // namespace

void coordinator_state::start(coordinator_parts parts) {
  parts_ = std::move(parts);
  self_->link_to(parts_.executor);
  wake();
  report();
}

void coordinator_state::handle(const leadership_changed& change) {
  if (change.leads == leads_)
    return;
  leads_ = change.leads;
  agenda_.reset();
  if (!leads_ || parts_.golds.empty())
    return;
  log_line("coordinator", "leads: gold runs on this node");
  read_ledger();
}

void coordinator_state::wake() {
  const auto now = self_->clock().now();
  if (wake_at_ && now < *wake_at_)
    return; // an older timer: a later one is set
  wake_at_.reset();
  if (leads_ && !parts_.golds.empty() && !reading_
      && (!agenda_ || now >= next_check_))
    read_ledger();
  run_due();
}

/// Starts what is due, and sets the timer for what is due next.
void coordinator_state::run_due() {
  const auto now = parts_.now();
  auto next = now + longest_sleep;
  if (agenda_) {
    for (const auto& due : agenda_->take_due(now))
      run(due);
    if (const auto due = agenda_->next_wake())
      next = std::clamp(*due, now + std::chrono::milliseconds{10}, next);
  }
  const auto wait = next - now;
  const auto at = self_->clock().now() + wait;
  if (wake_at_ && *wake_at_ <= at)
    return;
  wake_at_ = at;
  self_->delayed_send(self_, wait, retry_due{});
}

void coordinator_state::read_ledger() {
  reading_ = true;
  next_check_ = self_->clock().now() + check_interval;
  self_->request(parts_.executor, caf::infinite, actors::read_ledger{})
      .then([this](const ledger_read& read) { handle(read); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::handle(ledger_read read) {
  reading_ = false;
  if (!leads_)
    return;
  if (!read.runs)
    return tell_trouble(read.runs.error().message); // wake() asks again
  const auto now = parts_.now();
  if (!agenda_) {
    auto planned = gold::agenda::plan(parts_.golds, *read.runs, now);
    if (!planned)
      return self_->quit(failure(planned.error()));
    agenda_ = std::move(*planned);
  }
  tell_trouble({});
  for (const auto& each : read.unsound)
    if (agenda_->request(each.gold, each.what, "repair", now))
      log_line("gold " + each.gold,
               "window " + gold::to_string(each.what)
                   + " is not what its last run published: it is run again");
  run_due();
}

void coordinator_state::run(const gold::due_run& due) {
  log_line("gold " + due.gold, "runs window " + gold::to_string(due.what)
                                   + ", attempt " + std::to_string(due.attempt)
                                   + ", by " + due.trigger);
  gold::run_request request;
  request.what = due.what;
  request.attempt = due.attempt;
  request.trigger = due.trigger;
  request.run_id = gold::make_run_id(parts_.now());
  request.node = parts_.node;
  self_
      ->request(parts_.executor, caf::infinite,
                run_window{due.gold, std::move(request)})
      .then([this,
             due](const window_finished& finished) { handle(due, finished); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::handle(const gold::due_run& run,
                               const window_finished& finished) {
  auto& metrics = parts_.metrics.at(run.gold);
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
    if (agenda_)
      agenda_->finished(run, result.rows, parts_.now());
  } else {
    metrics.runs_failed.add();
    const auto& reason = finished.outcome.error().message;
    log_line(subject, window + " failed: " + reason);
    if (agenda_)
      agenda_->failed(run, reason, parts_.now());
  }
  run_due();
}

void coordinator_state::tell_trouble(const std::string& reason) {
  if (reason == trouble_)
    return;
  trouble_ = reason;
  log_line("coordinator",
           reason.empty() ? "has read the ledger of gold runs"
                          : "cannot read the ledger of gold runs: " + reason);
  self_->send(parts_.reports, trouble_reported{"gold", reason});
}

void coordinator_state::report() {
  golds_reported message;
  for (const auto& each : parts_.golds) {
    if (!agenda_)
      break;
    status::gold_report gold;
    gold.name = each.name;
    gold.next_firing = agenda_->next_firing(each.name);
    auto failed = 0;
    std::chrono::sys_seconds newest_done{};
    for (const auto& known : agenda_->windows(each.name)) {
      failed += known.state == gold::window_state::failed ? 1 : 0;
      if (known.state == gold::window_state::done)
        newest_done = std::max(newest_done, known.what.end);
      gold.windows.push_back(make_report(each.name, known));
    }
    auto& metrics = parts_.metrics.at(each.name);
    metrics.windows_failed.set(failed);
    metrics.newest_window_end.set(
        static_cast<double>(newest_done.time_since_epoch().count()));
    message.golds.push_back(std::move(gold));
  }
  self_->send(parts_.reports, std::move(message));
  self_->delayed_send(self_, report_interval, report_due{});
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
