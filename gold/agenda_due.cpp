// agenda: what is due now, and in which order.
#include <algorithm>
#include <tuple>

#include "gold/agenda.hpp"
#include "gold/partition.hpp"

namespace sluice::gold {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view catchup_trigger = "catchup";

bool is_planned(window_state state) {
  return state == window_state::waiting || state == window_state::retrying;
}

} // namespace

readiness_facts agenda::facts_of(const planned_gold& of,
                                 const dirty_windows& log, instant now) {
  return {log.watermark(of.what.name, now), of.refresh ? &*of.refresh : nullptr,
          of.last_firing, now};
}

/// Not while it runs or waits for its next attempt; and what its last run has
/// covered already changes nothing: its finish is still to be read, or it
/// failed and would fail again. What is not covered came after it began, and
/// waits from then on.
std::optional<due_dirt> agenda::due_again(const planned_gold& of,
                                          const window& what, dirt why,
                                          const readiness_facts& facts) {
  if (!is_storable(what))
    return std::nullopt;
  if (const auto found = of.windows.find(what); found != of.windows.end()) {
    const auto& known = found->second;
    const auto state = known.status.state;
    if ((state != window_state::done && state != window_state::failed)
        || why.newest_mark < known.covers)
      return std::nullopt;
    // The clock may have been set back since.
    why.first_seen =
        std::min(std::max(why.first_seen, known.began_at + 1ms), why.last_seen);
  }
  return due_of(of.what, what, why, facts);
}

/// What schedules, people and failed attempts have planned.
void agenda::add_planned(planned_gold& of, instant now,
                         std::vector<candidate>& to) {
  for (auto& [what, known] : of.windows) {
    auto& status = known.status;
    if (!is_planned(status.state))
      continue;
    // Nothing is planned farther ahead, unless the clock was set back.
    const auto delay = status.state == window_state::retrying
                           ? of.what.retry.delay
                           : std::chrono::milliseconds{0};
    status.due_at = std::min(status.due_at, now + delay);
    if (status.due_at > now)
      continue;
    const auto rank = status.trigger == catchup_trigger ? run_rank::backfill
                      : status.attempt > 0              ? known.rank
                                                        : rank_of(what, now);
    to.push_back({&of, what, {status.due_at, rank, status.trigger}});
  }
}

void agenda::add_dirty(planned_gold& of, const dirty_windows& log, instant now,
                       std::vector<candidate>& to) {
  const auto facts = facts_of(of, log, now);
  for (const auto& [what, why] : log.of(of.what.name))
    if (const auto due = due_again(of, what, why, facts); due && due->at <= now)
      to.push_back({&of, what, *due});
}

/// A window that failed stays known until it is run again, lest what is dirty
/// in it be run for ever; so does one that is dirty, for the log may not tell
/// its finish yet.
void agenda::forget_old(planned_gold& of, const dirty_windows& log) {
  const auto& dirty = log.of(of.what.name);
  const auto may_be_forgotten = [&](const auto& pair) {
    return pair.second.status.state == window_state::done
           && !dirty.contains(pair.first);
  };
  auto known = static_cast<std::size_t>(
      std::ranges::count_if(of.windows, may_be_forgotten));
  for (auto i = of.windows.begin();
       i != of.windows.end() && known > statuses_kept;) {
    if (may_be_forgotten(*i)) {
      i = of.windows.erase(i);
      --known;
    } else {
      ++i;
    }
  }
}

/// Two runs that replace the same partition would lose one's rows.
bool agenda::is_replaced_now(const planned_gold& of, const window& what) {
  if (of.what.partition == topology::gold_partition::window)
    return false;
  const auto& zone = of.rule.zone();
  const auto partition = partition_id(of.what, zone, what);
  return std::ranges::any_of(of.windows, [&](const auto& pair) {
    return pair.second.status.state == window_state::running
           && partition_id(of.what, zone, pair.first) == partition;
  });
}

due_run agenda::begin(const candidate& next, std::int64_t covers, instant now) {
  auto& known = next.of->windows[next.what];
  auto& status = known.status;
  if (!is_planned(status.state) || status.what != next.what) {
    status.what = next.what;
    status.attempt = 0;
    status.trigger = next.why.trigger;
  }
  status.state = window_state::running;
  ++status.attempt;
  known.covers = covers;
  known.began_at = now;
  known.rank = next.why.rank;
  ++running_;
  if (known.rank != run_rank::fresh)
    ++running_behind_;
  return {next.of->what.name, status.what, status.attempt, status.trigger,
          covers};
}

std::vector<due_run> agenda::take_due(const dirty_windows& log,
                                      std::size_t slots, instant now) {
  std::vector<candidate> candidates;
  for (auto& [name, of] : golds_) {
    forget_old(of, log);
    fire(of, now);
    add_planned(of, now, candidates);
    add_dirty(of, log, now, candidates);
  }
  std::ranges::stable_sort(candidates, {}, [](const candidate& each) {
    return std::tuple{each.why.rank, each.what};
  });
  const auto behind_max = slots > 1 ? slots - 1 : slots;
  std::vector<due_run> result;
  for (const auto& next : candidates) {
    if (running_ >= slots)
      break;
    if (next.why.rank != run_rank::fresh && running_behind_ >= behind_max)
      break;
    if (is_replaced_now(*next.of, next.what))
      continue;
    result.push_back(begin(next, log.next(), now));
  }
  return result;
}

std::optional<instant> agenda::next_wake(const dirty_windows& log,
                                         instant now) const {
  std::optional<instant> result;
  const auto consider = [&](instant when) {
    if (when > now)
      result = std::min(result.value_or(when), when);
  };
  for (const auto& [name, of] : golds_) {
    for (const auto& [rule, next] : of.schedules)
      if (next)
        consider(*next);
    for (const auto& [what, known] : of.windows)
      if (is_planned(known.status.state))
        consider(known.status.due_at);
    const auto facts = facts_of(of, log, now);
    for (const auto& [what, why] : log.of(name))
      if (const auto due = due_again(of, what, why, facts))
        consider(due->at);
  }
  return result;
}

} // namespace sluice::gold
