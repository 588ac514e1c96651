#include "simulation/node.hpp"

#include <utility>

#include "actors/dead_letter_writer.hpp"
#include "actors/launch.hpp"
#include "actors/partition_consumer.hpp"
#include "actors/table_transformer.hpp"
#include "simulation/inserter.hpp"

namespace sluice::simulation {

namespace {

using namespace actors;

/// Gold is not part of the simulation.
coordinator_actor::behavior_type no_gold() {
  return {[](const leadership_changed&) {}, [](const retry_due&) {},
          [](const report_due&) {}};
}

} // namespace

node::node(cluster& in, int number, std::optional<int> instance)
    : in_{in}, instance_{instance}, self_{number},
      metrics_{"simulation", in.what.pipeline},
      membership_{in.on, in.logs, in.group, self_, instance},
      letters_{std::make_shared<dead_letter_sink>(in.on, in.logs, self_)} {}

metrics_actor node::spawn_reports() {
  return adopt(in_.on.time.system().spawn(
      [&in = in_, name = self_.name()]() -> metrics_actor::behavior_type {
        const auto note = [&in, name](const std::string& who,
                                      const std::string& reason) {
          if (reason.empty() || !in.reasons.insert(who + ": " + reason).second)
            return;
          in.on.out.line(name, [&] { return who + ": " + reason; });
        };
        return {[note](const partition_reported& message) {
                  note(message.report.topic + "/"
                           + std::to_string(message.report.partition),
                       message.report.reason);
                },
                [](const partition_gone&) {},
                [note](const table_reported& message) {
                  note("table " + message.report.name, message.report.reason);
                },
                [](const records_counted&) {},
                [](const golds_reported&) {},
                [note](const trouble_reported& message) {
                  note(message.part, message.reason);
                },
                [note](const actor_restarted& message) {
                  note(message.actor + " failed", message.reason);
                },
                [](const phase_changed&) {}};
      }));
}

batching_writer_actor node::spawn_writer(const std::string& table) {
  auto spawn_inserter = [this, table] {
    return inserter_actor{adopt(
        in_.on.time.system().spawn(inserter, &self_, &in_.clickhouse, table))};
  };
  return adopt(in_.on.time.system().spawn(
      batching_writer,
      batching_writer_parts{table, std::move(spawn_inserter),
                            in_.what.tuning.writers, metrics_.table(table),
                            reports_, [] { return status::instant{}; }}));
}

std::vector<table_transformer_actor> node::spawn_transformers(
    const kafka::topic_partition& where, const pipeline_writers& writers,
    const partition_consumer_actor& consumer, std::uint16_t epoch) {
  std::vector<table_transformer_actor> result;
  for (const auto& table : in_.what.tables) {
    if (table.topic != where.topic)
      continue;
    result.push_back(adopt(in_.on.time.system().spawn(
        table_transformer,
        table_transformer_parts{
            in_.tables.at(table.name), in_.what.pipeline, where, epoch,
            consumer, writers.tables.at(table.name), writers.dead_letters,
            metrics_.table(table.name), reports_})));
  }
  return result;
}

partition_consumer_actor node::spawn_consumer(
    const std::shared_ptr<kafka::assigned_partition>& partition,
    const pipeline_writers& writers) {
  const auto where = partition->source->where();
  return adopt(in_.on.time.system().spawn(
      partition_consumer,
      std::make_shared<partition_consumer_parts>(partition_consumer_parts{
          std::move(partition->source), partition->committed,
          [this, where](std::optional<std::int64_t> offset) {
            membership_.start_partition(where, offset);
          },
          in_.what.tuning,
          [this, where, writers](const partition_consumer_actor& consumer,
                                 std::uint16_t epoch) {
            return spawn_transformers(where, writers, consumer, epoch);
          },
          metrics_.partition(where.topic, where.partition), reports_})));
}

coordinator_actor node::spawn_coordinator() {
  return adopt(in_.on.time.system().spawn(no_gold));
}

void node::start() {
  in_.on.out.line(self_.name(), [] { return "starts"; });
  reports_ = spawn_reports();
  supervisor_parts children;
  children.group = [this]() -> kafka::group_member& { return membership_; };
  children.spawn_consumer = [this](const auto& partition, const auto& writers) {
    return spawn_consumer(partition, writers);
  };
  for (const auto& each : in_.what.tables)
    children.tables.push_back(each.name);
  children.spawn_writer = [this](const std::string& table) {
    return spawn_writer(table);
  };
  children.spawn_dead_letters = [this] {
    return adopt(in_.on.time.system().spawn(
        dead_letter_writer,
        dead_letter_writer_parts{letters_, in_.what.kafka.dead_letter_topic,
                                 reports_}));
  };
  children.spawn_coordinator = [this] { return spawn_coordinator(); };
  children.leading_partition = leading_partition(in_.what);
  children.reports = reports_;
  membership_.join(make_group_listener(
      adopt(in_.on.time.system().spawn(supervisor, std::move(children)))));
}

void node::pause() {
  in_.on.out.line(self_.name(), [] { return "stands still"; });
  self_.pause();
  in_.on.time.freeze(self_.number());
  in_.group.hears_nothing_of(membership_.id());
}

void node::resume() {
  in_.on.out.line(self_.name(), [] { return "goes on"; });
  in_.on.time.thaw(self_.number());
  in_.group.hears_of(membership_.id());
  self_.resume();
}

void node::kill() {
  in_.on.out.line(self_.name(), [] { return "is killed"; });
  self_.kill();
  in_.on.time.kill(self_.number());
  reports_ = nullptr;
  in_.group.hears_nothing_of(membership_.id());
}

void node::leave() { membership_.leave(); }

} // namespace sluice::simulation
