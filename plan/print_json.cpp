#include <nlohmann/json.hpp>

#include "gold/ddl.hpp"
#include "plan/print.hpp"
#include "plan/words.hpp"
#include "silver/ddl.hpp"

namespace sluice::plan {

namespace {

// Members stay in the order in which they are written here.
using json = nlohmann::ordered_json;

void add_if(json& to, const char* name, const std::string& value) {
  if (!value.empty())
    to[name] = value;
}

json column_of(const silver::table_layout& layout, std::size_t index) {
  const auto& column = layout.table.columns[index];
  json result{{"name", column.name}, {"type", layout.types[index].name()}};
  if (column.is_read()) {
    result["from"] = column.from.empty() ? column.name : column.from;
    add_if(result, "unit", std::string{name_of(column.unit)});
    result["raw"] = column.raw;
    result["on_invalid"] = name_of(column.invalid);
  }
  add_if(result, "computed", column.computed);
  add_if(result, "constant", column.constant);
  result["may_lose"] = silver::mapping_losses(layout, index);
  return result;
}

/// null where the topic's partitions are not known.
json rates_of(const topology::table& table, const topology::topology& what,
              const partition_counts& counts,
              std::chrono::milliseconds node_turn) {
  const auto partitions = partitions_of(table.topic, what, counts);
  if (!partitions)
    return nullptr;
  const auto rate = rate_of(what.tuning, *partitions, node_turn);
  return json{{"partitions", *partitions},
              {"inserts_per_second", rate.inserts_per_second},
              {"cut_age_ms", rate.cut_age.count()}};
}

json table_of(const silver::table_layout& layout,
              const topology::topology& what, const partition_counts& counts,
              std::chrono::milliseconds node_turn) {
  const auto& table = layout.table;
  auto columns = json::array();
  for (std::size_t index = 0; index < table.columns.size(); ++index)
    columns.push_back(column_of(layout, index));
  json result{{"name", table.name},
              {"topic", table.topic},
              {"format", name_of(table.format)},
              {"mode", name_of(table.mode)},
              {"key", table.key},
              {"order_by", table.order_by}};
  add_if(result, "filter", table.filter);
  add_if(result, "partition_by", table.partition_by);
  result["inserts"] = rates_of(table, what, counts, node_turn);
  result["start"] = start_text(table.start);
  result["columns"] = std::move(columns);
  result["ddl"] = silver::create_table(layout, what.clickhouse.database);
  return result;
}

json gold_of(const topology::gold& gold, const std::string& database,
             std::chrono::sys_seconds now) {
  auto triggers = json::array();
  for (const auto& trigger : gold.trigger) {
    json each{{"schedule", trigger}};
    if (const auto next = next_firing(gold, trigger, now))
      each["next"] = moment_text(*next);
    triggers.push_back(std::move(each));
  }
  if (gold.on_watermark)
    triggers.push_back(json{{"on", "watermark"}});
  if (gold.on_change)
    triggers.push_back(json{{"on", "change"}});
  json refresh;
  if (!gold.refresh.empty()) {
    refresh["schedule"] = gold.refresh;
    if (const auto next = next_firing(gold, gold.refresh, now))
      refresh["next"] = moment_text(*next);
  }
  auto joins = json::array();
  for (const auto& join : gold.joins)
    joins.push_back(json{{"table", join.table},
                         {"column", join.column},
                         {"over_column", join.over_column},
                         {"appears", name_of(join.appears)},
                         {"changes", name_of(join.changes)}});
  auto columns = json::array();
  for (const auto& column : gold::visible_columns(gold))
    columns.push_back(json{{"name", column.name}, {"type", column.type}});
  json window{{"every", window_text(gold)}};
  if (gold.window.unit == topology::window_unit::fixed)
    window["every_seconds"] = gold.window.every.count();
  if (gold.window.hop != std::chrono::seconds{0})
    window["hop_seconds"] = gold.window.hop.count();
  window["over"] = gold.window.over_table + '.' + gold.window.over_column;
  window["oldest"] = moment_text(gold.window.oldest);
  window["ahead_seconds"] = gold.window.ahead.count();
  window["outside"] = gold.window.outside == topology::on_outside::quarantine
                          ? "quarantine"
                          : "count";
  window["lateness_seconds"] = gold.window.lateness.count();
  if (const auto start = start_of(gold))
    window["start"] = moment_text(*start);
  return json{{"name", gold.name},
              {"timezone", gold.timezone},
              {"window", std::move(window)},
              {"triggers", std::move(triggers)},
              {"refresh", std::move(refresh)},
              {"debounce_ms", gold.debounce.count()},
              {"max_staleness_ms", gold.max_staleness.count()},
              {"after", gold.after},
              {"joins", std::move(joins)},
              {"catchup", gold.catchup},
              {"key", gold.key},
              {"columns", std::move(columns)},
              {"retry",
               {{"attempts", gold.retry.attempts},
                {"delay_ms", gold.retry.delay.count()}}},
              {"timeout_ms", gold.timeout.count()},
              {"sql", gold.sql},
              {"ddl", gold::create_table(gold, database)}};
}

} // namespace

std::string print_json(const topology::topology& what, const layouts& tables,
                       const partition_counts& partitions,
                       std::chrono::sys_seconds now) {
  const auto& database = what.clickhouse.database;
  // Names alone: a value may be a password.
  auto properties = json::array();
  for (const auto& property : what.kafka.properties)
    properties.push_back(property.first);
  json result{{"pipeline", what.pipeline}, {"file", what.file}};
  result["kafka"] = {{"brokers", what.kafka.brokers},
                     {"group", what.kafka.group},
                     {"dead_letter_topic", what.kafka.dead_letter_topic},
                     {"properties", std::move(properties)}};
  result["clickhouse"] = {{"url", without_credentials(what.clickhouse.url)},
                          {"database", database},
                          {"user", what.clickhouse.user}};
  result["status"] = {{"host", what.status.host}, {"port", what.status.port}};
  result["tuning"] = {
      {"cut_bytes", what.tuning.cut_bytes},
      {"cut_rows", what.tuning.cut_rows},
      {"cut_age_ms", what.tuning.cut_age.count()},
      {"cuts_in_flight", what.tuning.cuts_in_flight},
      {"credit_bytes", what.tuning.credit_bytes},
      {"writers", what.tuning.writers},
      {"memory_bytes", what.tuning.memory_bytes},
      {"inserts_per_second", what.tuning.inserts_per_second},
      {"node_inserts_per_second", what.tuning.node_inserts_per_second},
      {"gold_runs", what.tuning.gold_runs}};
  result["recovery"] = json::object();
  for (const auto& [condition, policy] : words_of(what.recovery))
    result["recovery"][std::string{condition}] = policy;
  result["tables"] = json::array();
  const auto node_turn = turn_on_node(what, partitions);
  for (const auto& table : what.tables)
    result["tables"].push_back(
        table_of(*tables.at(table.name), what, partitions, node_turn));
  result["gold"] = json::array();
  for (const auto& each : what.golds)
    result["gold"].push_back(gold_of(each, database, now));
  // A byte that is not UTF-8 must not end the program.
  return result.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace sluice::plan
