#include "actors/launch.hpp"

#include <set>

#include "actors/batching_writer.hpp"
#include "actors/control_follower.hpp"
#include "actors/control_link.hpp"
#include "actors/coordinator.hpp"
#include "actors/dead_letter_writer.hpp"
#include "actors/gold_executor.hpp"
#include "actors/inserter.hpp"
#include "actors/metrics.hpp"
#include "actors/partition_consumer.hpp"
#include "actors/record_fetcher.hpp"
#include "actors/supervisor.hpp"
#include "actors/table_transformer.hpp"
#include "actors/window_finder.hpp"
#include "actors/window_marker.hpp"

namespace sluice::actors {

namespace {

using parts_ptr = std::shared_ptr<const launch_parts>;

/// A statement that nobody waits for any more ends by itself after the
/// request's own limit; the rest is for a request that was on its way.
std::chrono::milliseconds insert_lifetime(const launch_parts& parts) {
  return 2 * parts.what.clickhouse.request_timeout;
}

batching_writer_actor spawn_writer(caf::actor_system& system,
                                   const parts_ptr& parts,
                                   const metrics_actor& reports,
                                   const std::string& table) {
  const auto& layout = parts->layouts.at(table);
  const inserter_target target{parts->endpoint, layout,
                               parts->what.clickhouse.database,
                               parts->what.clickhouse.request_timeout};
  batching_writer_parts own{.table = table,
                            .offset_column = layout->offset_column,
                            .spawn_inserter =
                                [&system, target] {
                                  return system.spawn<caf::detached>(inserter,
                                                                     target);
                                },
                            .inserters = parts->what.tuning.writers,
                            .insert_lifetime = insert_lifetime(*parts),
                            .metrics = parts->registry->table(table),
                            .reports = reports,
                            .now = system_wall_clock,
                            .awaits_word = true};
  return system.spawn(batching_writer, std::move(own));
}

std::vector<fed_table> tables_of(const parts_ptr& parts,
                                 const pipeline_writers& writers,
                                 const std::string& topic) {
  std::vector<fed_table> result;
  for (const auto& table : parts->what.tables)
    if (table.topic == topic)
      result.push_back({table.name, table.start,
                        table.mode == topology::table_mode::latest,
                        writers.tables.at(table.name)});
  return result;
}

/// The one at `index` of the partition's tables.
table_transformer_actor
spawn_transformer(caf::actor_system& system, const parts_ptr& parts,
                  const metrics_actor& reports, const pipeline_writers& writers,
                  const kafka::topic_partition& where, std::uint16_t epoch,
                  std::size_t index, const fed_table& table,
                  const partition_consumer_actor& consumer) {
  table_transformer_parts own{parts->layouts.at(table.name),
                              parts->what.pipeline,
                              where,
                              epoch,
                              index,
                              consumer,
                              table.writer,
                              writers.dead_letters,
                              writers.records,
                              parts->registry->table(table.name),
                              reports};
  // plan::lay_out() has made them once: they can be made.
  own.feeds = marks::feeds_of(parts->what.golds, table.name).value();
  own.database = parts->what.clickhouse.database;
  own.marker = writers.marker;
  for (const auto& each : own.feeds)
    own.gold_metrics.emplace(each.gold.name,
                             parts->registry->gold(each.gold.name));
  return system.spawn(table_transformer, std::move(own));
}

window_marker_actor spawn_marker(caf::actor_system& system,
                                 const parts_ptr& parts,
                                 const metrics_actor& reports) {
  constexpr std::size_t finders = 2;
  return system.spawn<caf::detached>(
      window_marker,
      window_marker_parts{.open = parts->control_log,
                          .spawn_finder =
                              [&system, parts] {
                                return system.spawn<caf::detached>(
                                    window_finder, parts->endpoint);
                              },
                          .finders = finders,
                          .golds = parts->what.golds,
                          .node = parts->node,
                          .metrics = parts->registry->control_log(),
                          .reports = reports,
                          .now = system_wall_clock});
}

partition_consumer_actor
spawn_consumer(caf::actor_system& system, const parts_ptr& parts,
               const metrics_actor& reports,
               const std::shared_ptr<kafka::assigned_partition>& assigned,
               const pipeline_writers& writers) {
  const auto where = assigned->source->where();
  auto own = std::make_shared<partition_consumer_parts>(
      parts->registry->partition(where.topic, where.partition));
  own->source = std::move(assigned->source);
  own->pipeline = kafka::name_hash(parts->what.pipeline);
  own->committed = assigned->committed;
  own->bounds = assigned->bounds.value_or(kafka::log_bounds{});
  own->partition_count = assigned->partition_count;
  own->tuning = parts->what.tuning;
  own->recovery = parts->what.recovery;
  own->tables = tables_of(parts, writers, where.topic);
  own->records = writers.records;
  own->memory = parts->memory;
  own->slots = parts->slots;
  own->reports = reports;
  own->spawn_transformers = [&system, parts, reports, writers, where,
                             fed = own->tables](
                                const partition_consumer_actor& consumer,
                                const std::vector<std::uint16_t>& epochs) {
    std::vector<table_transformer_actor> result;
    for (std::size_t i = 0; i < fed.size(); ++i)
      result.push_back(spawn_transformer(system, parts, reports, writers, where,
                                         epochs[i], i, fed[i], consumer));
    return result;
  };
  return system.spawn(partition_consumer, std::move(own));
}

coordinator_actor spawn_coordinator(caf::actor_system& system,
                                    const parts_ptr& parts,
                                    const metrics_actor& reports,
                                    const control_follower_actor& controls) {
  const auto spawn_executor = [&] {
    return system.spawn<caf::detached>(gold_executor, parts->endpoint,
                                       parts->what.clickhouse.database,
                                       parts->what.pipeline, parts->what.golds);
  };
  coordinator_parts own{
      .golds = parts->what.golds,
      .executors = {},
      .ledger = spawn_executor(),
      .log = system.spawn<caf::detached>(
          control_link, control_link_parts{.open = parts->control_log}),
      .controls = controls,
      .node = parts->node,
      .metrics = {},
      .log_metrics = parts->registry->control_log(),
      .reports = reports,
      .now = system_wall_clock};
  for (std::size_t i = 0; i < parts->what.tuning.gold_runs; ++i)
    own.executors.push_back(spawn_executor());
  for (const auto& each : parts->what.golds)
    own.metrics.emplace(each.name, parts->registry->gold(each.name));
  return system.spawn(coordinator, std::move(own));
}

std::vector<std::string> table_names(const topology::topology& what) {
  std::vector<std::string> result;
  for (const auto& each : what.tables)
    result.push_back(each.name);
  return result;
}

class group_events : public kafka::group_listener {
public:
  explicit group_events(supervisor_actor supervisor)
      : supervisor_{std::move(supervisor)} {}

  void assigned(std::vector<kafka::assigned_partition> partitions) override {
    for (auto& each : partitions)
      caf::anon_send(
          supervisor_,
          partition_assigned{
              std::make_shared<kafka::assigned_partition>(std::move(each))});
  }
  void revoked(std::vector<kafka::topic_partition> partitions) override {
    for (auto& each : partitions)
      caf::anon_send(supervisor_, partition_revoked{std::move(each)});
  }
  void lost(std::vector<kafka::topic_partition> partitions) override {
    for (auto& each : partitions)
      caf::anon_send(supervisor_, partition_lost{std::move(each)});
  }
  void trouble(std::string reason) override {
    caf::anon_send(supervisor_, kafka_trouble{std::move(reason)});
  }

private:
  supervisor_actor supervisor_;
};

} // namespace

launched launch(caf::actor_system& system, parts_ptr parts) {
  launched result;
  result.metrics =
      system.spawn(metrics, metrics_parts{parts->board, parts->registry});
  const auto reports = result.metrics;
  supervisor_parts children;
  children.group = parts->group;
  children.spawn_consumer = [&system, parts, reports](const auto& assigned,
                                                      const auto& writers) {
    return spawn_consumer(system, parts, reports, assigned, writers);
  };
  children.tables = table_names(parts->what);
  children.spawn_writer = [&system, parts, reports](const std::string& table) {
    return spawn_writer(system, parts, reports, table);
  };
  children.spawn_dead_letters = [&system, parts, reports] {
    return system.spawn(
        dead_letter_writer,
        dead_letter_writer_parts{parts->dead_letters,
                                 parts->what.kafka.dead_letter_topic, reports});
  };
  children.spawn_record_fetcher = [&system, parts] {
    return system.spawn<caf::detached>(record_fetcher, parts->record_fetcher);
  };
  if (!parts->what.golds.empty())
    children.spawn_marker = [&system, parts, reports] {
      return spawn_marker(system, parts, reports);
    };
  children.spawn_coordinator = [&system, parts, reports](const auto& controls) {
    return spawn_coordinator(system, parts, reports, controls);
  };
  children.spawn_controls = [&system, parts,
                             reports](const supervisor_actor& to) {
    return system.spawn<caf::detached>(
        control_follower,
        control_follower_parts{parts->control_log, to, reports});
  };
  children.reports = reports;
  result.supervisor = system.spawn(supervisor, std::move(children));
  return result;
}

std::shared_ptr<kafka::group_listener>
make_group_listener(supervisor_actor supervisor) {
  return std::make_shared<group_events>(std::move(supervisor));
}

std::vector<std::string> topics_of(const topology::topology& what) {
  std::set<std::string> result;
  for (const auto& each : what.tables)
    result.insert(each.topic);
  return {result.begin(), result.end()};
}

} // namespace sluice::actors
