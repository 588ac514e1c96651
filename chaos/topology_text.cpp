#include "chaos/topology_text.hpp"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gold/window.hpp"
#include "topology/keys.hpp"
#include "topology/quantity.hpp"

namespace sluice::chaos {

namespace {

using json = nlohmann::ordered_json;

/// A text that stands for itself: "${" would be replaced by the reader.
std::string plain(std::string_view text) {
  constexpr std::string_view reference = "${";
  std::string result;
  while (true) {
    const auto at = std::min(text.find(reference), text.size());
    result += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty())
      return result;
    result += "$${";
    text.remove_prefix(reference.size());
  }
}

template <class Enumeration>
std::string word(const topology::word_list& list, Enumeration value) {
  return std::string{list.words[static_cast<std::size_t>(value)]};
}

json plain_map(const std::map<std::string, std::string>& values) {
  auto result = json::object();
  for (const auto& [name, value] : values)
    result[name] = plain(value);
  return result;
}

json plain_list(const std::vector<std::string>& values) {
  auto result = json::array();
  for (const auto& value : values)
    result.push_back(plain(value));
  return result;
}

void set_unless_empty(json& in, const char* key, const std::string& text) {
  if (!text.empty())
    in[key] = plain(text);
}

json column_of(const topology::column& column) {
  json result;
  result["type"] = plain(column.type);
  set_unless_empty(result, "computed", column.computed);
  set_unless_empty(result, "constant", column.constant);
  if (!column.is_read())
    return result;
  result["from"] = plain(column.from);
  if (column.unit != topology::time_unit::automatic)
    result["unit"] = word(topology::word_lists::unit, column.unit);
  if (column.raw)
    result["raw"] = true;
  if (column.invalid != topology::on_invalid::reject)
    result["on_invalid"] =
        word(topology::word_lists::on_invalid, column.invalid);
  return result;
}

json table_of(const topology::table& table) {
  json result;
  result["topic"] = plain(table.topic);
  result["format"] = word(topology::word_lists::format, table.format);
  result["mode"] = word(topology::word_lists::mode, table.mode);
  if (!table.key.empty())
    result["key"] = plain_list(table.key);
  if (!table.order_by.empty())
    result["order_by"] = plain_list(table.order_by);
  auto columns = json::object();
  for (const auto& column : table.columns)
    columns[column.name] = column_of(column);
  result["columns"] = std::move(columns);
  set_unless_empty(result, "engine", table.engine);
  set_unless_empty(result, "partition_by", table.partition_by);
  set_unless_empty(result, "ttl", table.ttl);
  if (!table.settings.empty())
    result["settings"] = plain_map(table.settings);
  set_unless_empty(result, "filter", table.filter);
  return result;
}

json kafka_of(const topology::kafka& kafka) {
  json result;
  result["brokers"] = plain(kafka.brokers);
  set_unless_empty(result, "group", kafka.group);
  set_unless_empty(result, "dead_letter_topic", kafka.dead_letter_topic);
  if (!kafka.properties.empty())
    result["properties"] = plain_map(kafka.properties);
  result["embedded"] = {{"partitions", kafka.embedded.partitions}};
  return result;
}

json clickhouse_of(const topology::clickhouse& clickhouse) {
  json result;
  result["url"] = plain(clickhouse.url);
  result["database"] = plain(clickhouse.database);
  set_unless_empty(result, "user", clickhouse.user);
  set_unless_empty(result, "password", clickhouse.password);
  set_unless_empty(result, "ca_file", clickhouse.ca_file);
  result["compression"] = clickhouse.compression;
  result["connect_timeout"] = topology::to_text(clickhouse.connect_timeout);
  result["request_timeout"] = topology::to_text(clickhouse.request_timeout);
  result["embedded_port"] = clickhouse.embedded_port;
  return result;
}

json tuning_of(const topology::tuning& tuning) {
  json result;
  result["cut_bytes"] = tuning.cut_bytes;
  result["cut_rows"] = tuning.cut_rows;
  result["flush"] = topology::to_text(tuning.cut_age);
  result["cuts_in_flight"] = tuning.cuts_in_flight;
  result["credit_bytes"] = tuning.credit_bytes;
  result["writers"] = tuning.writers;
  result["memory"] = tuning.memory_bytes;
  result["inserts_per_second"] = tuning.inserts_per_second;
  result["node_inserts_per_second"] = tuning.node_inserts_per_second;
  result["gold_runs"] = tuning.gold_runs;
  return result;
}

json recovery_of(const topology::recovery& recovery) {
  namespace words = topology::word_lists;
  json result;
  result["silver_ahead"] = word(words::silver_ahead, recovery.silver_ahead);
  result["records_lost"] = word(words::records_lost, recovery.records_lost);
  result["topic_replaced"] =
      word(words::topic_replaced, recovery.topic_replaced);
  result["partitions_added"] =
      word(words::partitions_added, recovery.partitions_added);
  return result;
}

/// A calendar window by its name: "1 day" and 24 hours are different windows.
json window_of(const topology::gold_window& window) {
  const auto seconds = [](std::chrono::seconds length) {
    return std::to_string(length.count()) + "s";
  };
  json result;
  result["over"] = window.over_table + "." + window.over_column;
  switch (window.unit) {
  case topology::window_unit::fixed:
    result["every"] = seconds(window.every);
    break;
  case topology::window_unit::day:
    result["every"] = "day";
    break;
  case topology::window_unit::week:
    result["every"] = "week";
    break;
  case topology::window_unit::month:
    result["every"] = "month";
    break;
  }
  if (window.hop.count() != 0)
    result["hop"] = seconds(window.hop);
  result["lateness"] = seconds(window.lateness);
  result["idle"] = seconds(window.idle);
  result["ahead"] = seconds(window.ahead);
  result["oldest"] = gold::format_instant(window.oldest);
  return result;
}

json joins_of(const topology::gold& gold) {
  namespace words = topology::word_lists;
  auto result = json::object();
  for (const auto& join : gold.joins)
    result[join.table] = {
        {"on", join.column + " = " + join.over_column},
        {"appears", word(words::child_appears, join.appears)},
        {"changes", word(words::child_changes, join.changes)}};
  return result;
}

json gold_of(const topology::gold& gold) {
  json result;
  result["window"] = window_of(gold.window);
  result["timezone"] = plain(gold.timezone);
  auto triggers = gold.trigger;
  if (gold.on_watermark)
    triggers.emplace_back("watermark");
  if (gold.on_change)
    triggers.emplace_back("change");
  if (!triggers.empty())
    result["trigger"] = plain_list(triggers);
  set_unless_empty(result, "refresh", gold.refresh);
  result["debounce"] = topology::to_text(gold.debounce);
  result["max_staleness"] = topology::to_text(gold.max_staleness);
  if (!gold.after.empty())
    result["after"] = plain_list(gold.after);
  if (!gold.joins.empty())
    result["children"] = joins_of(gold);
  result["catchup"] = gold.catchup;
  result["key"] = plain_list(gold.key);
  auto columns = json::object();
  for (const auto& column : gold.columns)
    columns[column.name] = plain(column.type);
  result["columns"] = std::move(columns);
  result["sql"] = plain(gold.sql);
  result["retry"] = {{"attempts", gold.retry.attempts},
                     {"delay", topology::to_text(gold.retry.delay)}};
  result["timeout"] = topology::to_text(gold.timeout);
  result["partition"] = word(topology::word_lists::partition, gold.partition);
  return result;
}

} // namespace

std::string topology_text(const topology::topology& what) {
  json root;
  root["pipeline"] = what.pipeline;
  root["kafka"] = kafka_of(what.kafka);
  root["clickhouse"] = clickhouse_of(what.clickhouse);
  root["status"] = {{"host", plain(what.status.host)},
                    {"port", what.status.port}};
  root["tuning"] = tuning_of(what.tuning);
  root["recovery"] = recovery_of(what.recovery);
  auto tables = json::object();
  for (const auto& table : what.tables)
    tables[table.name] = table_of(table);
  root["tables"] = std::move(tables);
  auto golds = json::object();
  for (const auto& gold : what.golds)
    golds[gold.name] = gold_of(gold);
  root["gold"] = std::move(golds);
  return root.dump(2) + "\n";
}

} // namespace sluice::chaos
