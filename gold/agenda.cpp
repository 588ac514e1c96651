#include "gold/agenda.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::gold {

namespace {

using std::chrono::sys_seconds;

constexpr std::string_view catchup_trigger = "catchup";
constexpr std::string_view repair_trigger = "repair";
constexpr std::string_view cut_off = "cut off: its node stopped";
/// A window whose node stops again and again while it runs is parked at last:
/// it may be what stops it.
constexpr int cut_offs_max = 3;
/// A firing between two leaders is nobody's: the next one looks back as long as
/// Kafka may take to name it.
constexpr std::chrono::minutes handover{1};

sys_seconds whole_seconds(instant now) {
  return std::chrono::floor<std::chrono::seconds>(now);
}

/// Whether a run of this trigger says how far the schedules had come.
bool is_scheduled(std::string_view trigger) {
  constexpr std::array<std::string_view, 7> others{
      "manual",  "repair", "change",  "watermark",
      "refresh", "after",  "schedule"};
  return std::ranges::find(others, trigger) == others.end();
}

void restart(window_status& of, std::string_view trigger, instant now) {
  of.state = window_state::waiting;
  of.attempt = 0;
  of.trigger = trigger;
  of.due_at = now;
}

} // namespace

std::string_view to_string(window_state state) {
  switch (state) {
  case window_state::waiting:
    return "waiting";
  case window_state::running:
    return "running";
  case window_state::retrying:
    return "retrying";
  case window_state::done:
    return "done";
  case window_state::failed:
    return "failed";
  }
  return "unknown";
}

tl::expected<agenda, std::string>
agenda::plan(const std::vector<topology::gold>& golds,
             const std::vector<ledger_entry>& recorded, instant now) {
  agenda result;
  for (const auto& g : golds) {
    auto rule = window_rule::make(g);
    if (!rule)
      return tl::unexpected("gold " + g.name + ": " + rule.error());
    planned_gold planned{g, std::move(*rule), {}, {}, {}, {}, {}};
    for (const auto& trigger : g.trigger) {
      auto fires = schedule::parse(trigger, planned.rule.zone());
      if (!fires)
        return tl::unexpected("gold " + g.name + ": " + fires.error());
      const auto next = fires->next_after(whole_seconds(now - handover));
      planned.schedules.push_back({std::move(*fires), next});
    }
    if (!g.refresh.empty()) {
      auto fires = schedule::parse(g.refresh, planned.rule.zone());
      if (!fires)
        return tl::unexpected("gold " + g.name + ": " + fires.error());
      planned.refresh = std::move(*fires);
    }
    for (const auto& entry : recorded)
      if (entry.gold == g.name)
        take_up(planned, entry, now);
    if (g.catchup)
      catch_up(planned, recorded, now);
    planned.planned_at = now;
    result.golds_.emplace(g.name, std::move(planned));
  }
  return result;
}

void agenda::take_up(planned_gold& of, const ledger_entry& last, instant now) {
  // An entry of another window length names a window that is none now.
  if (!of.rule.is_window(last.what))
    return;
  entry taken;
  taken.rank = rank_of(last.what, now);
  auto& status = taken.status;
  status.what = last.what;
  status.attempt = last.attempt;
  status.trigger = last.trigger;
  status.rows = last.rows;
  const auto is_cut_off = last.state == run_state::running;
  status.error = is_cut_off ? cut_off : last.error;
  status.ended_at = last.started_at + last.duration;
  if (last.state == run_state::done) {
    status.state = window_state::done;
  } else if (last.attempt
             > of.what.retry.attempts + (is_cut_off ? cut_offs_max : 0)) {
    status.state = window_state::failed;
  } else {
    status.state = window_state::retrying;
    status.due_at =
        is_cut_off ? now : std::max(now, status.ended_at + of.what.retry.delay);
  }
  of.windows.insert_or_assign(last.what, std::move(taken));
}

void agenda::catch_up(planned_gold& of,
                      const std::vector<ledger_entry>& recorded, instant now) {
  std::optional<sys_seconds> firing;
  for (const auto& [rule, next] : of.schedules)
    firing = std::max(firing, rule.last_until(whole_seconds(now)));
  if (!firing)
    return;
  const auto newest = of.rule.last_ended(*firing);
  auto from = of.rule.start();
  if (!from)
    for (const auto& run : recorded)
      if (run.gold == of.what.name && is_scheduled(run.trigger))
        from = std::min(from.value_or(run.what.start), run.what.start);
  const auto first = from.value_or(newest.start);
  for (const auto& what : of.rule.ended(first, newest.end))
    if (what.start >= first && !of.windows.contains(what))
      add(of, what, catchup_trigger, now);
}

void agenda::add(planned_gold& of, const window& what, std::string_view trigger,
                 instant now) {
  if (is_scheduled(trigger) && of.rule.start() && what.start < *of.rule.start())
    return;
  if (!is_storable(what))
    return;
  auto [found, added] = of.windows.try_emplace(what);
  auto& status = found->second.status;
  if (added) {
    status.what = what;
    restart(status, trigger, now);
    return;
  }
  switch (status.state) {
  case window_state::waiting:
    break;
  case window_state::running:
    found->second.again = trigger;
    break;
  case window_state::retrying:
    // A schedule waits for the retry that is planned anyway.
    if (!is_scheduled(trigger) && trigger != repair_trigger)
      restart(status, trigger, now);
    break;
  case window_state::failed:
    if (trigger != repair_trigger)
      restart(status, trigger, now);
    break;
  case window_state::done:
    restart(status, trigger, now);
    break;
  }
}

void agenda::fire(planned_gold& of, instant now) {
  const auto moment = whole_seconds(now);
  for (auto& [rule, next] : of.schedules) {
    // After the clock was set back, what it had fired ahead of time is due once
    // more at the right one.
    if (const auto again = rule.next_after(moment); again && next)
      next = std::min(*next, *again);
    // After a long standstill (the machine slept) only the newest firings
    // count, so that a schedule of seconds does not hold up the rest.
    for (std::size_t fired = 0; next && *next <= moment; ++fired) {
      if (fired == windows_max)
        next = rule.last_until(moment);
      if (!next)
        break;
      for (const auto& what : rule.windows_at(*next, of.rule))
        if (!was_run_for(of, what, rule.text(), *next))
          add(of, what, rule.text(), now);
      of.last_firing = std::max(of.last_firing.value_or(*next), instant{*next});
      next = rule.next_after(*next);
    }
  }
}

/// By a former leader, whose last minute is looked back at.
bool agenda::was_run_for(const planned_gold& of, const window& what,
                         std::string_view trigger, sys_seconds firing) {
  const auto found = of.windows.find(what);
  if (firing > of.planned_at || found == of.windows.end())
    return false;
  const auto& status = found->second.status;
  return status.state == window_state::done && status.trigger == trigger
         && status.ended_at >= firing;
}

agenda::planned_gold* agenda::find(std::string_view gold) {
  const auto found = golds_.find(gold);
  return found == golds_.end() ? nullptr : &found->second;
}

agenda::entry* agenda::running(planned_gold& of, const due_run& run) {
  const auto found = of.windows.find(run.what);
  if (found == of.windows.end())
    return nullptr;
  const auto& status = found->second.status;
  const auto same =
      status.state == window_state::running && status.attempt == run.attempt;
  return same ? &found->second : nullptr;
}

void agenda::end_run(entry& run, instant now) {
  --running_;
  if (run.rank != run_rank::fresh)
    --running_behind_;
  run.status.ended_at = now;
  if (run.again) {
    restart(run.status, *run.again, now);
    run.again.reset();
  }
}

void agenda::finished(const due_run& run, std::uint64_t rows, instant now) {
  auto* of = find(run.gold);
  auto* ended = of == nullptr ? nullptr : running(*of, run);
  if (ended == nullptr)
    return;
  ended->status.state = window_state::done;
  ended->status.rows = rows;
  ended->status.error.clear();
  end_run(*ended, now);
}

void agenda::failed(const due_run& run, std::string reason, instant now) {
  auto* of = find(run.gold);
  auto* ended = of == nullptr ? nullptr : running(*of, run);
  if (ended == nullptr)
    return;
  auto& status = ended->status;
  status.error = std::move(reason);
  if (status.attempt <= of->what.retry.attempts) {
    status.state = window_state::retrying;
    status.due_at = now + of->what.retry.delay;
  } else {
    status.state = window_state::failed;
  }
  end_run(*ended, now);
}

bool agenda::request(std::string_view gold, const window& what,
                     std::string_view trigger, instant now) {
  auto* of = find(gold);
  if (of == nullptr || !of->rule.is_window(what) || !is_storable(what))
    return false;
  add(*of, what, trigger, now);
  return true;
}

std::optional<sys_seconds> agenda::next_firing(std::string_view gold) const {
  std::optional<sys_seconds> result;
  const auto found = golds_.find(gold);
  if (found == golds_.end())
    return result;
  for (const auto& [rule, next] : found->second.schedules)
    if (next)
      result = std::min(result.value_or(*next), *next);
  return result;
}

std::vector<window_status> agenda::windows(std::string_view gold) const {
  std::vector<window_status> result;
  const auto found = golds_.find(gold);
  if (found == golds_.end())
    return result;
  for (const auto& [what, known] : found->second.windows)
    result.push_back(known.status);
  return result;
}

} // namespace sluice::gold
