#include "simulation/node.hpp"

#include <algorithm>
#include <utility>

#include "actors/control_follower.hpp"
#include "actors/coordinator.hpp"
#include "actors/dead_letter_writer.hpp"
#include "actors/launch.hpp"
#include "actors/partition_consumer.hpp"
#include "actors/table_transformer.hpp"
#include "actors/window_marker.hpp"
#include "simulation/control_link.hpp"
#include "simulation/gold_executor.hpp"
#include "simulation/inserter.hpp"
#include "simulation/record_fetcher.hpp"
#include "simulation/window_finder.hpp"

namespace sluice::simulation {

namespace {

using namespace actors;

/// The supervisor's, with the lead: here it goes with partition 0 of the first
/// topic, so that the simulated group has the last word on it, too.
class node_listener : public kafka::group_listener {
public:
  node_listener(const supervisor_actor& supervisor,
                kafka::topic_partition leading)
      : to_{make_group_listener(supervisor)}, supervisor_{supervisor},
        leading_{std::move(leading)} {}

  void assigned(std::vector<kafka::assigned_partition> partitions) override {
    const auto leads =
        std::ranges::any_of(partitions, [this](const auto& each) {
          return each.source->where() == leading_;
        });
    to_->assigned(std::move(partitions));
    if (leads)
      caf::anon_send(supervisor_, leadership_changed{true});
  }
  void revoked(std::vector<kafka::topic_partition> partitions) override {
    give_up(partitions);
    to_->revoked(std::move(partitions));
  }
  void lost(std::vector<kafka::topic_partition> partitions) override {
    give_up(partitions);
    to_->lost(std::move(partitions));
  }
  void trouble(std::string reason) override { to_->trouble(std::move(reason)); }

private:
  void give_up(const std::vector<kafka::topic_partition>& partitions) {
    if (std::ranges::find(partitions, leading_) != partitions.end())
      caf::anon_send(supervisor_, leadership_changed{false});
  }

  std::shared_ptr<kafka::group_listener> to_;
  supervisor_actor supervisor_;
  kafka::topic_partition leading_;
};

/// As in a run of the product, but so often that a schedule sees it.
constexpr coordinator_pace pace{.check = std::chrono::seconds{10},
                                .save = std::chrono::seconds{15},
                                .trim_after = 5,
                                .stand = std::chrono::seconds{10}};

} // namespace

bool cluster::says(std::string_view condition) const {
  return std::ranges::any_of(reasons, [&](const std::string& each) {
    return each.find(condition) != std::string::npos;
  });
}

node::node(cluster& in, int number, std::optional<int> instance)
    : in_{in}, instance_{instance}, self_{number},
      metrics_{"simulation", in.what.pipeline},
      membership_{in.on, in.logs, in.group, self_, instance},
      letters_{std::make_shared<dead_letter_sink>(in.on, in.logs, self_)},
      memory_{std::make_shared<memory_budget>(in.what.tuning.memory_bytes)},
      slots_{make_insert_slots(in.what.tuning)} {}

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
                [note](const actor_failed& message) {
                  note(message.actor + " failed", message.reason);
                },
                [](const actor_recovered&) {},
                [](const phase_changed&) {}};
      }));
}

batching_writer_actor node::spawn_writer(const std::string& table) {
  batching_writer_parts own{
      .table = table,
      .offset_column = in_.tables.at(table)->offset_column,
      .spawn_inserter =
          [this, table] {
            return inserter_actor{adopt(in_.on.time.system().spawn(
                inserter, &self_, &in_.clickhouse, table))};
          },
      .inserters = in_.what.tuning.writers,
      .insert_lifetime = std::chrono::ceil<std::chrono::milliseconds>(
          clickhouse_server::statement_lifetime),
      .metrics = metrics_.table(table),
      .reports = reports_,
      .now = [] { return status::instant{}; },
      .awaits_word = true};
  return adopt(in_.on.time.system().spawn(batching_writer, std::move(own)));
}

std::vector<fed_table> node::tables_of(const std::string& topic,
                                       const pipeline_writers& writers) {
  std::vector<fed_table> result;
  for (const auto& table : in_.what.tables)
    if (table.topic == topic)
      result.push_back({table.name, table.start,
                        table.mode == topology::table_mode::latest,
                        writers.tables.at(table.name)});
  return result;
}

std::vector<table_transformer_actor>
node::spawn_transformers(const kafka::topic_partition& where,
                         const pipeline_writers& writers,
                         const partition_consumer_actor& consumer,
                         const std::vector<std::uint16_t>& epochs) {
  std::vector<table_transformer_actor> result;
  for (const auto& table : tables_of(where.topic, writers)) {
    const auto index = result.size();
    table_transformer_parts own{in_.tables.at(table.name),
                                in_.what.pipeline,
                                where,
                                epochs[index],
                                index,
                                consumer,
                                table.writer,
                                writers.dead_letters,
                                writers.records,
                                metrics_.table(table.name),
                                reports_};
    own.feeds = marks::feeds_of(in_.what.golds, table.name).value();
    own.database = in_.what.pipeline;
    own.marker = writers.marker;
    own.now = [&on = in_.on] { return on.wall(); };
    result.push_back(
        adopt(in_.on.time.system().spawn(table_transformer, std::move(own))));
  }
  return result;
}

partition_consumer_actor node::spawn_consumer(
    const std::shared_ptr<kafka::assigned_partition>& partition,
    const pipeline_writers& writers) {
  const auto where = partition->source->where();
  auto own = std::make_shared<partition_consumer_parts>(
      metrics_.partition(where.topic, where.partition));
  own->source = std::move(partition->source);
  own->pipeline = kafka::name_hash(in_.what.pipeline);
  own->committed = partition->committed;
  own->bounds = partition->bounds.value();
  own->partition_count = partition->partition_count;
  own->tuning = in_.what.tuning;
  own->recovery = in_.what.recovery;
  own->tables = tables_of(where.topic, writers);
  own->records = writers.records;
  own->spawn_transformers =
      [this, where, writers](const partition_consumer_actor& consumer,
                             const std::vector<std::uint16_t>& epochs) {
        return spawn_transformers(where, writers, consumer, epochs);
      };
  own->memory = memory_;
  own->slots = slots_;
  own->reports = reports_;
  return adopt(in_.on.time.system().spawn(partition_consumer, std::move(own)));
}

window_marker_actor node::spawn_marker() {
  constexpr std::size_t finders = 2;
  window_marker_parts own{
      .open = [this] { return in_.controls.open(self_); },
      .spawn_finder =
          [this] {
            return window_finder_actor{adopt(in_.on.time.system().spawn(
                window_finder, &self_, &in_.clickhouse))};
          },
      .finders = finders,
      .golds = in_.what.golds,
      .node = self_.name(),
      .metrics = metrics_.control_log(),
      .reports = reports_,
      .now = [&on = in_.on] { return on.wall(); }};
  return adopt(in_.on.time.system().spawn(window_marker, std::move(own)));
}

gold_executor_actor node::spawn_executor() {
  return adopt(
      in_.on.time.system().spawn(gold_executor, &self_, &in_.golds, &in_.on));
}

coordinator_actor
node::spawn_coordinator(const control_follower_actor& controls) {
  coordinator_parts own{.golds = in_.what.golds,
                        .executors = {},
                        .ledger = spawn_executor(),
                        .log = adopt(in_.on.time.system().spawn(
                            control_link, &self_, &in_.controls)),
                        .controls = controls,
                        .node = self_.name(),
                        .metrics = {},
                        .log_metrics = metrics_.control_log(),
                        .reports = reports_,
                        .now = [&on = in_.on] { return on.wall(); },
                        .pace = pace};
  for (std::size_t i = 0; i < in_.what.tuning.gold_runs; ++i)
    own.executors.push_back(spawn_executor());
  for (const auto& each : in_.what.golds)
    own.metrics.emplace(each.name, metrics_.gold(each.name));
  return adopt(in_.on.time.system().spawn(coordinator, std::move(own)));
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
  children.spawn_record_fetcher = [this] {
    return adopt(
        in_.on.time.system().spawn(record_fetcher, &in_.on, &in_.logs));
  };
  if (!in_.what.golds.empty())
    children.spawn_marker = [this] { return spawn_marker(); };
  children.spawn_coordinator = [this](const auto& controls) {
    return spawn_coordinator(controls);
  };
  children.spawn_controls = [this](const supervisor_actor& to) {
    return adopt(in_.on.time.system().spawn(
        control_follower,
        control_follower_parts{[this] { return in_.controls.open(self_); }, to,
                               reports_}));
  };
  children.reports = reports_;
  const kafka::topic_partition leading{topics_of(in_.what).front(), 0};
  membership_.join(std::make_shared<node_listener>(
      adopt(in_.on.time.system().spawn(supervisor, std::move(children))),
      leading));
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
