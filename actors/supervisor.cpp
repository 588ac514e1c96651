#include "actors/supervisor.hpp"

#include <algorithm>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

void supervisor_state::start(supervisor_parts parts) {
  parts_ = std::move(parts);
  self_->set_down_handler(
      [this](const caf::down_msg& down) { child_ended(down); });
}

void supervisor_state::handle(const partition_assigned& message) {
  const auto where = message.partition->source->where();
  const auto known =
      pipelines_
          .try_emplace(where,
                       pipeline{nullptr,
                                {},
                                {parts_.policy.first, parts_.policy.longest}})
          .first;
  auto& entry = known->second;
  entry.consumer = parts_.spawn_consumer(message.partition);
  entry.spawned = self_->clock().now();
  entry.revoked = false;
  entry.lost = false;
  self_->monitor(entry.consumer);
  if (where == parts_.leading_partition)
    lead(true);
}

void supervisor_state::handle(const partition_revoked& message) {
  if (message.where == parts_.leading_partition)
    lead(false);
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end())
    return parts_.group().release(message.where);
  found->second.revoked = true;
  if (!found->second.consumer)
    return release(message.where); // it waits for a restart: nothing in flight
  self_->send(found->second.consumer, drain{});
  self_->delayed_send(self_, parts_.drain_deadline,
                      drain_expired{message.where});
}

void supervisor_state::handle(const drain_expired& message) {
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end() || !found->second.revoked
      || !found->second.consumer)
    return;
  log_line(kafka::to_string(message.where),
           "is given up with cuts in flight; their ends are recorded, and the "
           "next owner writes them again under the same tokens");
  self_->send_exit(found->second.consumer, caf::exit_reason::user_shutdown);
}

void supervisor_state::handle(const partition_lost& message) {
  if (message.where == parts_.leading_partition)
    lead(false);
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end())
    return;
  log_line(kafka::to_string(message.where), "was taken from this node");
  if (!found->second.consumer)
    return release(message.where);
  found->second.lost = true;
  self_->send_exit(found->second.consumer, caf::exit_reason::user_shutdown);
}

void supervisor_state::handle(const kafka_trouble& message) {
  log_line("kafka", message.reason.empty() ? "is well again" : message.reason);
  self_->send(parts_.reports, trouble_reported{"kafka", message.reason});
}

void supervisor_state::child_ended(const caf::down_msg& down) {
  const auto found =
      std::find_if(pipelines_.begin(), pipelines_.end(), [&](const auto& each) {
        return each.second.consumer
               && each.second.consumer.address() == down.source;
      });
  if (found == pipelines_.end())
    return;
  auto& [where, entry] = *found;
  entry.consumer = nullptr;
  if (entry.revoked || entry.lost)
    return release(where);
  const auto reason = failure_text(down.reason);
  if (self_->clock().now() - entry.spawned >= parts_.policy.healthy_after)
    entry.wait.reset();
  const auto wait = entry.wait.next();
  const auto subject = kafka::to_string(where);
  log_line(subject, "failed: " + reason + "; starts again in "
                        + std::to_string(wait.count()) + " ms");
  self_->send(parts_.reports, actor_restarted{subject, reason});
  self_->send(parts_.reports, trouble_reported{subject, reason});
  self_->delayed_send(self_, wait, restart_due{where});
}

void supervisor_state::handle(const restart_due& message) {
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end() || found->second.consumer)
    return;
  self_->send(parts_.reports,
              trouble_reported{kafka::to_string(message.where), {}});
  parts_.group().reopen(message.where);
}

void supervisor_state::release(const kafka::topic_partition& where) {
  self_->send(parts_.reports, partition_gone{where});
  self_->send(parts_.reports, trouble_reported{kafka::to_string(where), {}});
  const auto gone = where; // `where` may live in the entry
  const auto lost = pipelines_.at(gone).lost;
  pipelines_.erase(gone);
  if (!lost)
    parts_.group().release(gone);
}

void supervisor_state::lead(bool leads) {
  if (parts_.coordinator)
    self_->send(parts_.coordinator, leadership_changed{leads});
}

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           supervisor_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const partition_assigned& message) { state.handle(message); },
      [&state](const partition_revoked& message) { state.handle(message); },
      [&state](const partition_lost& message) { state.handle(message); },
      [&state](const kafka_trouble& message) { state.handle(message); },
      [&state](const restart_due& message) { state.handle(message); },
      [&state](const drain_expired& message) { state.handle(message); },
  };
}

} // namespace sluice::actors
