#include "simulation/timeline.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <caf/scheduler/test_coordinator.hpp>

namespace sluice::simulation {

namespace {

/// How far ahead of the others an actor may get in the choice of who is next.
constexpr std::size_t choices = 4;

void end_now(const caf::actor_addr& address) {
  const auto actor = caf::actor_cast<caf::strong_actor_ptr>(address);
  if (actor)
    actor->enqueue(
        nullptr, caf::make_message_id(caf::message_priority::high),
        caf::make_message(caf::exit_msg{address, caf::exit_reason::kill}),
        nullptr);
}

} // namespace

timeline::test_config::test_config() {
  set("scheduler.policy", caf::atom("testing"));
}

timeline::timeline(random_source order)
    : system_{config_},
      scheduler_{
          dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())},
      begin_{scheduler_.clock().now()}, order_{order} {
  // An actor that somebody outside still holds must not hang the end.
  system_.await_actors_before_shutdown(false);
}

timeline::~timeline() { end(); }

instant timeline::now() const {
  return std::chrono::duration_cast<instant>(scheduler_.clock().now() - begin_);
}

void timeline::after(instant delay, std::function<void()> what) {
  events_.emplace(now() + delay, std::move(what));
}

void timeline::adopt(int node, caf::actor_id id,
                     const caf::actor_addr& address) {
  nodes_.emplace(id, node);
  actors_.emplace(node, address);
  if (killed_.contains(node))
    end_now(address);
}

void timeline::kill(int node) {
  killed_.insert(node);
  frozen_.erase(node);
  const auto [first, last] = actors_.equal_range(node);
  for (auto each = first; each != last; ++each)
    end_now(each->second);
  actors_.erase(first, last);
}

bool timeline::is_frozen(std::size_t job) const {
  const auto* actor =
      dynamic_cast<const caf::scheduled_actor*>(scheduler_.jobs[job]);
  if (actor == nullptr)
    return false;
  const auto found = nodes_.find(actor->id());
  return found != nodes_.end() && frozen_.contains(found->second);
}

bool timeline::run_one_job() {
  auto& jobs = scheduler_.jobs;
  std::array<std::size_t, choices> ready{};
  std::size_t count = 0;
  for (std::size_t job = 0; job < jobs.size() && count < choices; ++job)
    if (frozen_.empty() || !is_frozen(job))
      ready[count++] = job;
  if (count == 0)
    return false;
  const auto chosen =
      static_cast<std::ptrdiff_t>(ready[count == 1 ? 0 : order_.below(count)]);
  std::rotate(jobs.begin(), jobs.begin() + chosen, jobs.begin() + chosen + 1);
  scheduler_.run_once();
  return true;
}

void timeline::run_jobs() {
  while (run_one_job()) {
  }
}

void timeline::run_events() {
  while (!events_.empty() && events_.begin()->first <= now()) {
    const auto what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
    run_jobs();
  }
}

instant timeline::next_moment(instant end) const {
  auto next = end;
  if (!events_.empty())
    next = std::min(next, events_.begin()->first);
  const auto& timers = scheduler_.clock().schedule();
  if (!timers.empty())
    next = std::min(next,
                    std::chrono::ceil<instant>(timers.begin()->first - begin_));
  return next;
}

void timeline::run_until(instant end, const std::function<bool()>& done) {
  run_jobs();
  while (now() < end && !done()) {
    const auto next = std::max(next_moment(end), now());
    scheduler_.advance_time(next - now());
    run_jobs();
    run_events();
  }
}

void timeline::end() {
  events_.clear();
  for (const auto& each : std::exchange(actors_, {})) {
    killed_.insert(each.first);
    end_now(each.second);
  }
  frozen_.clear();
  run_jobs();
}

} // namespace sluice::simulation
