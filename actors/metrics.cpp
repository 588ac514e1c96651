#include "actors/metrics.hpp"

#include <algorithm>

#include "actors/failure.hpp"
#include "actors/wall_clock.hpp"

namespace sluice::actors {

namespace {

/// Replaces the element that `same` finds, or adds one, in a stable order.
template <class Report, class Less>
void put(std::vector<Report>& all, const Report& newest, Less less) {
  const auto at = std::lower_bound(all.begin(), all.end(), newest, less);
  if (at != all.end() && !less(newest, *at))
    *at = newest;
  else
    all.insert(at, newest);
}

using restart = status::restart_report;

bool partition_less(const status::partition_report& a,
                    const status::partition_report& b) {
  return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
}

} // namespace

void metrics_state::start(metrics_parts parts) { parts_ = std::move(parts); }

void metrics_state::handle(const partition_reported& message) {
  parts_.board->update([&](status::report& report) {
    put(report.partitions, message.report, partition_less);
  });
  parts_.registry->retention_left(message.report.topic,
                                  message.report.partition,
                                  message.report.retention_left);
}

void metrics_state::handle(const partition_gone& message) {
  parts_.board->update([&](status::report& report) {
    std::erase_if(report.partitions, [&](const auto& each) {
      return each.topic == message.where.topic
             && each.partition == message.where.partition;
    });
  });
  parts_.registry->partition(message.where.topic, message.where.partition)
      .gave_up();
  parts_.registry->retention_left(message.where.topic, message.where.partition,
                                  std::nullopt);
}

void metrics_state::handle(const table_reported& message) {
  auto table = message.report;
  const auto& counted = counted_[table.name];
  table.dead_letters = counted.dead_letters;
  table.ignored = counted.ignored;
  parts_.board->update([&](status::report& report) {
    put(report.tables, table,
        [](const auto& a, const auto& b) { return a.name < b.name; });
  });
  auto& trouble = troubles_["table " + table.name];
  trouble = table.state == status::table_state::running
                ? std::string{}
                : std::string{to_string(table.state)} + ": " + table.reason;
  update_health();
}

void metrics_state::handle(const records_counted& message) {
  auto& counted = counted_[message.table];
  counted.dead_letters += message.dead_letters;
  counted.ignored += message.ignored;
}

void metrics_state::handle(const golds_reported& message) {
  parts_.board->update(
      [&](status::report& report) { report.golds = message.golds; });
}

void metrics_state::handle(const trouble_reported& message) {
  troubles_[message.part] = message.reason;
  update_health();
}

void metrics_state::handle(const phase_changed& message) {
  phase_ = message.phase;
  update_health();
}

void metrics_state::handle(const actor_failed& message) {
  auto node = parts_.registry->node();
  node.actor_restarted(message.actor);
  parts_.board->update([&](status::report& report) {
    auto found =
        std::ranges::find(report.restarts, message.actor, &restart::actor);
    if (found == report.restarts.end())
      found = report.restarts.insert(found, {message.actor, 0, {}, {}, {}});
    ++found->restarts;
    found->last_reason = message.reason;
    found->last = system_wall_clock();
    if (message.wait)
      found->next = *found->last + *message.wait;
  });
  if (message.partition)
    stop(*message.partition, message.reason);
  if (!message.wait)
    return;
  waiting_.insert(message.actor);
  node.actors_waiting.set(static_cast<double>(waiting_.size()));
  troubles_[message.actor] = message.reason;
  update_health();
}

/// Its consumer is gone, and what it reported last is not so any more.
void metrics_state::stop(const kafka::topic_partition& where,
                         const std::string& reason) {
  parts_.board->update([&](status::report& report) {
    const auto found =
        std::ranges::find_if(report.partitions, [&](const auto& each) {
          return each.topic == where.topic && each.partition == where.partition;
        });
    status::partition_report stopped;
    if (found != report.partitions.end())
      stopped = *found;
    stopped.topic = where.topic;
    stopped.partition = where.partition;
    stopped.state = status::partition_state::stopped;
    stopped.in_flight_bytes = 0;
    stopped.reason = reason;
    put(report.partitions, stopped, partition_less);
  });
}

void metrics_state::handle(const actor_recovered& message) {
  parts_.registry->node().actor_runs(message.actor);
  if (waiting_.erase(message.actor) == 0)
    return;
  parts_.registry->node().actors_waiting.set(
      static_cast<double>(waiting_.size()));
  parts_.board->update([&](status::report& report) {
    const auto found =
        std::ranges::find(report.restarts, message.actor, &restart::actor);
    if (found != report.restarts.end())
      found->next.reset();
  });
  troubles_.erase(message.actor);
  update_health();
}

void metrics_state::update_health() {
  std::erase_if(troubles_,
                [](const auto& each) { return each.second.empty(); });
  status::health health;
  health.state = phase_;
  for (const auto& [part, reason] : troubles_)
    health.reasons.push_back(part + ": " + reason);
  if (phase_ == status::health_state::running && !health.reasons.empty())
    health.state = status::health_state::degraded;
  auto ready = false;
  parts_.board->update([&](status::report& report) {
    report.health = std::move(health);
    ready = status::is_ready(report);
  });
  parts_.registry->node().ready.set(ready ? 1 : 0);
}

metrics_actor::behavior_type
metrics(metrics_actor::stateful_pointer<metrics_state> self,
        metrics_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const partition_reported& message) { state.handle(message); },
      [&state](const partition_gone& message) { state.handle(message); },
      [&state](const table_reported& message) { state.handle(message); },
      [&state](const records_counted& message) { state.handle(message); },
      [&state](const golds_reported& message) { state.handle(message); },
      [&state](const trouble_reported& message) { state.handle(message); },
      [&state](const actor_failed& message) { state.handle(message); },
      [&state](const actor_recovered& message) { state.handle(message); },
      [&state](const phase_changed& message) { state.handle(message); },
  };
}

} // namespace sluice::actors
