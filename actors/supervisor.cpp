#include "actors/supervisor.hpp"

#include <algorithm>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

constexpr auto dead_letter_writer_name = "dead-letter writer";
constexpr auto record_fetcher_name = "record fetcher";
constexpr auto window_marker_name = "window marker";

std::string writer_of(const std::string& table) {
  return "writer of table " + table;
}

/// 0: the table was never reset.
std::uint16_t epoch_in(const std::map<std::string, std::uint16_t>& resets,
                       const std::string& table) {
  const auto found = resets.find(table);
  return found == resets.end() ? std::uint16_t{0} : found->second;
}

} // namespace

void supervisor_state::start(supervisor_parts parts) {
  parts_ = std::move(parts);
  coordinator_wait_ = {parts_.policy.first, parts_.policy.longest};
  self_->set_down_handler(
      [this](const caf::down_msg& down) { child_ended(down); });
  self_->set_exit_handler(
      [this](const caf::exit_msg& message) { end(message.reason); });
  self_->link_to(parts_.reports);
  start_writers();
  if (parts_.spawn_controls) {
    controls_ = parts_.spawn_controls(supervisor_actor{self_});
    self_->link_to(controls_);
  }
  start_coordinator();
}

/// A writer that failed is missing here, and comes back with the first pipeline
/// that needs it: their backoff is its backoff.
void supervisor_state::start_writers() {
  for (const auto& table : parts_.tables) {
    auto& writer = writers_.tables[table];
    if (writer)
      continue;
    writer = parts_.spawn_writer(table);
    self_->monitor(writer);
    tell_recovery(writer_of(table));
    tell_pause(table);
  }
  if (!writers_.dead_letters) {
    writers_.dead_letters = parts_.spawn_dead_letters();
    self_->monitor(writers_.dead_letters);
    tell_recovery(dead_letter_writer_name);
  }
  if (!writers_.records) {
    writers_.records = parts_.spawn_record_fetcher();
    self_->monitor(writers_.records);
    tell_recovery(record_fetcher_name);
  }
  if (!writers_.marker && parts_.spawn_marker) {
    writers_.marker = parts_.spawn_marker();
    self_->monitor(writers_.marker);
    tell_recovery(window_marker_name);
  }
}

void supervisor_state::start_coordinator() {
  coordinator_ = parts_.spawn_coordinator(controls_);
  coordinator_spawned_ = self_->clock().now();
  self_->monitor(coordinator_);
  self_->send(coordinator_, leadership_changed{leads_});
  tell_recovery("coordinator");
}

void supervisor_state::handle(const partition_assigned& message) {
  const auto where = message.partition->source->where();
  start_writers();
  auto& entry =
      pipelines_
          .try_emplace(
              where,
              pipeline{{}, {}, {parts_.policy.first, parts_.policy.longest}})
          .first->second;
  // Lost and back again before it has ended.
  if (entry.consumer)
    self_->send_exit(entry.consumer, caf::exit_reason::user_shutdown);
  entry.consumer = parts_.spawn_consumer(message.partition, writers_);
  entry.spawned = self_->clock().now();
  entry.revoked = false;
  entry.lost = false;
  entry.reset = false;
  self_->monitor(entry.consumer);
  tell_recovery(kafka::to_string(where));
}

void supervisor_state::handle(const partition_revoked& message) {
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
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end())
    return;
  log_line(kafka::to_string(message.where), "was taken from this node");
  found->second.lost = true;
  if (!found->second.consumer)
    return release(message.where);
  self_->send_exit(found->second.consumer, caf::exit_reason::user_shutdown);
}

void supervisor_state::handle(const kafka_trouble& message) {
  log_line("kafka", message.reason.empty() ? "is well again" : message.reason);
  self_->send(parts_.reports, trouble_reported{"kafka", message.reason});
}

void supervisor_state::handle(const leadership_changed& message) {
  if (std::exchange(leads_, message.leads) == message.leads)
    return;
  log_line("coordinator", leads_ ? "leads the gold runs from here on"
                                 : "leads the gold runs no longer");
  if (coordinator_)
    self_->send(coordinator_, message);
}

void supervisor_state::child_ended(const caf::down_msg& down) {
  const auto reason = failure_text(down.reason);
  const auto is_it = [&](const auto& child) {
    return child && child.address() == down.source;
  };
  for (const auto& [where, entry] : pipelines_)
    if (is_it(entry.consumer))
      return pipeline_ended(kafka::topic_partition{where}, reason);
  for (auto& [table, writer] : writers_.tables) {
    if (is_it(writer)) {
      writer = nullptr;
      return writer_ended(writer_of(table), reason);
    }
  }
  if (is_it(writers_.dead_letters)) {
    writers_.dead_letters = nullptr;
    return writer_ended(dead_letter_writer_name, reason);
  }
  if (is_it(writers_.records)) {
    writers_.records = nullptr;
    return writer_ended(record_fetcher_name, reason);
  }
  if (is_it(writers_.marker)) {
    writers_.marker = nullptr;
    return writer_ended(window_marker_name, reason);
  }
  if (is_it(coordinator_))
    coordinator_ended(reason);
}

void supervisor_state::pipeline_ended(const kafka::topic_partition& where,
                                      const std::string& reason) {
  auto& entry = pipelines_.at(where);
  entry.consumer = nullptr;
  if (entry.revoked || entry.lost)
    return release(where);
  if (entry.reset && reason.empty())
    return self_->send(self_, restart_due{where});
  if (self_->clock().now() - entry.spawned >= parts_.policy.healthy_after)
    entry.wait.reset();
  const auto wait = entry.wait.next();
  if (!reason.empty())
    tell_failure({kafka::to_string(where), reason, wait, where});
  self_->delayed_send(self_, wait, restart_due{where});
}

/// What was under way in a writer is known to nobody now, so every pipeline
/// starts again from its last committed cut.
void supervisor_state::writer_ended(const std::string& writer,
                                    const std::string& reason) {
  tell_failure({writer, reason, std::nullopt, std::nullopt});
  for (const auto& each : pipelines_)
    if (each.second.consumer)
      self_->send_exit(each.second.consumer,
                       failure("the " + writer + " failed"));
}

void supervisor_state::coordinator_ended(const std::string& reason) {
  coordinator_ = nullptr;
  if (self_->clock().now() - coordinator_spawned_
      >= parts_.policy.healthy_after)
    coordinator_wait_.reset();
  const auto wait = coordinator_wait_.next();
  tell_failure({"coordinator", reason, wait, std::nullopt});
  self_->delayed_send(self_, wait, coordinator_restart_due{});
}

void supervisor_state::tell_failure(actor_failed what) {
  log_line(what.actor,
           "failed: " + what.reason + "; starts again "
               + (what.wait ? "in " + std::to_string(what.wait->count()) + " ms"
                            : std::string{"with its partitions"}));
  self_->send(parts_.reports, std::move(what));
}

void supervisor_state::tell_recovery(const std::string& actor) {
  self_->send(parts_.reports, actor_recovered{actor});
}

void supervisor_state::handle(const controls_followed& message) {
  const auto before = std::exchange(paused_, message.paused);
  const auto resets = std::exchange(resets_, message.resets);
  for (const auto& table : parts_.tables) {
    const auto changed =
        !before || before->contains(table) != paused_->contains(table);
    const auto resumed =
        std::ranges::find(message.resumed, table) != message.resumed.end();
    const auto epoch = epoch_in(resets_, table);
    const auto reset = epoch > epoch_in(resets, table);
    if (changed || resumed || reset)
      tell_pause(table);
    // Before the first word no pipeline has begun: its writers wait for it.
    if (before && reset)
      tell_reset(table, epoch);
  }
}

/// The writer knows already, so that whoever starts again hears it there.
void supervisor_state::tell_reset(const std::string& table,
                                  std::uint16_t epoch) {
  log_line("table " + table,
           "was reset: begins again as epoch " + std::to_string(epoch));
  for (auto& each : pipelines_) {
    auto& entry = each.second;
    if (!entry.consumer)
      continue;
    entry.reset = true;
    self_->send(entry.consumer, table_reset{table, epoch});
  }
}

void supervisor_state::tell_pause(const std::string& table) {
  const auto& writer = writers_.tables[table];
  if (!paused_ || !writer)
    return;
  const auto found = paused_->find(table);
  self_->send(writer, pause_told{found == paused_->end() ? std::string{}
                                                         : found->second,
                                 epoch_in(resets_, table)});
}

void supervisor_state::handle(const restart_due& message) {
  const auto found = pipelines_.find(message.where);
  if (found == pipelines_.end() || found->second.consumer)
    return;
  parts_.group().reopen(message.where);
}

void supervisor_state::release(const kafka::topic_partition& where) {
  self_->send(parts_.reports, partition_gone{where});
  tell_recovery(kafka::to_string(where));
  // A copy: `where` may live in the entry that goes.
  const kafka::topic_partition gone{where.topic, where.partition};
  const auto lost = pipelines_.at(gone).lost;
  pipelines_.erase(gone);
  if (!lost)
    parts_.group().release(gone);
}

void supervisor_state::end(const caf::error& reason) {
  for (const auto& each : pipelines_)
    if (each.second.consumer)
      self_->send_exit(each.second.consumer, reason);
  for (const auto& each : writers_.tables)
    if (each.second)
      self_->send_exit(each.second, reason);
  if (writers_.dead_letters)
    self_->send_exit(writers_.dead_letters, reason);
  if (writers_.records)
    self_->send_exit(writers_.records, reason);
  if (writers_.marker)
    self_->send_exit(writers_.marker, reason);
  if (coordinator_)
    self_->send_exit(coordinator_, reason);
  self_->quit(reason);
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
      [&state](const leadership_changed& message) { state.handle(message); },
      [&state](const controls_followed& message) { state.handle(message); },
      [&state](const restart_due& message) { state.handle(message); },
      [&state](const drain_expired& message) { state.handle(message); },
      [&state](const coordinator_restart_due&) { state.start_coordinator(); },
  };
}

} // namespace sluice::actors
