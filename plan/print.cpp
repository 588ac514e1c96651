#include "plan/print.hpp"

#include <chrono>
#include <optional>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "plan/aligned_text.hpp"
#include "plan/words.hpp"
#include "silver/ddl.hpp"
#include "topology/quantity.hpp"

namespace sluice::plan {

namespace {

std::string indented(std::string_view text, std::string_view indent) {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  std::string result;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (!line.empty())
      result += std::string{indent} + std::string{line};
    result += '\n';
    text = end == std::string_view::npos ? std::string_view{}
                                         : text.substr(end + 1);
  }
  return result;
}

std::string source_of(const topology::column& column) {
  if (!column.computed.empty())
    return "= " + column.computed;
  if (!column.constant.empty())
    return "constant " + column.constant;
  std::string result = column.from.empty() ? column.name : column.from;
  if (column.unit != topology::time_unit::automatic)
    result += " in " + std::string{name_of(column.unit)};
  if (column.raw)
    result += " as JSON text";
  return result;
}

std::string columns_text(const silver::table_layout& layout) {
  aligned_text rows{"      "};
  rows.add({"column", "type", "from", "may lose"});
  for (std::size_t index = 0; index < layout.table.columns.size(); ++index) {
    const auto& column = layout.table.columns[index];
    const auto losses = silver::mapping_losses(layout, index);
    rows.add({column.name, layout.types[index].name(), source_of(column),
              losses.empty() ? "nothing" : losses.front()});
    for (std::size_t more = 1; more < losses.size(); ++more)
      rows.add({"", "", "", losses[more]});
  }
  return rows.text();
}

std::string mode_text(topology::table_mode mode) {
  return mode == topology::table_mode::latest
             ? "latest: one current row per key, deleted keys hidden"
             : "append: one row per inserted record";
}

/// What follows for a table from its topic's partitions, tuning and
/// partition_by.
void add_rates(aligned_text& to, const topology::table& table,
               const topology::topology& what, const partition_counts& counts,
               std::chrono::milliseconds node_turn) {
  const auto& tuning = what.tuning;
  const auto partitions = partitions_of(table.topic, what, counts);
  const auto rate = rate_of(tuning, partitions.value_or(1), node_turn);
  if (partitions)
    to.add({"inserts",
            rate_text(rate.inserts_per_second) + " per second while "
                + (*partitions == 1 ? "the topic's partition has"
                                    : "all " + std::to_string(*partitions)
                                          + " partitions of the topic have")
                + " records; more when cuts are full earlier"});
  else
    to.add({"inserts",
            rate_text(rate.inserts_per_second)
                + " per second and partition of the topic that has records, "
                  "at most "
                + rate_text(tuning.inserts_per_second)
                + ": then each cut waits longer"});
  to.add({"parts", table.partition_by.empty()
                       ? "one for each INSERT"
                       : "one for each INSERT and value of "
                             + table.partition_by + " in its rows"});
  to.add({"freshness",
          "about " + duration_text(rate.cut_age) + " and the time of an INSERT"
              + (rate.node_is_full ? " while all tables have records, "
                                     "on one node; less on more nodes"
                                   : "")
              + (partitions || rate.cut_age != tuning.cut_age
                     ? ""
                     : ", longer with more than "
                           + std::to_string(partitions_at_full_rate(tuning))
                           + " partitions")});
}

std::string table_text(const silver::table_layout& layout,
                       const topology::topology& what,
                       const partition_counts& partitions,
                       std::chrono::milliseconds node_turn) {
  const auto& table = layout.table;
  aligned_text facts{"    "};
  facts.add({"mode", mode_text(table.mode)});
  if (!table.key.empty())
    facts.add({"key", joined(table.key)});
  if (!table.order_by.empty())
    facts.add({"sorted by", joined(table.order_by)});
  if (!table.filter.empty())
    facts.add({"filter", table.filter});
  facts.add(
      {"starts at", start_text(table.start) + " where it has no position yet"});
  add_rates(facts, table, what, partitions, node_turn);
  return "  table " + table.name + "\n" + facts.text() + "    columns\n"
         + columns_text(layout) + "    in ClickHouse\n"
         + indented(silver::create_table(layout, what.clickhouse.database),
                    "      ");
}

std::string tables_text(const topology::topology& what, const layouts& tables,
                        const partition_counts& partitions) {
  const auto node_turn = turn_on_node(what, partitions);
  std::string result;
  for (const auto& topic : topics_of(what)) {
    result += "\ntopic " + topic;
    std::optional<topology::record_format> format;
    for (const auto& table : what.tables) {
      if (table.topic != topic)
        continue;
      if (format != table.format)
        result += " (" + std::string{name_of(table.format)} + ")";
      format = table.format;
    }
    result += '\n';
    for (const auto& table : what.tables)
      if (table.topic == topic)
        result +=
            table_text(*tables.at(table.name), what, partitions, node_turn);
  }
  return result;
}

std::string triggers_text(const topology::gold& gold,
                          std::chrono::sys_seconds now) {
  std::string result;
  for (const auto& trigger : gold.trigger) {
    result += (result.empty() ? "" : "; ") + trigger;
    if (const auto next = next_firing(gold, trigger, now))
      result += ", next at " + moment_text(*next);
  }
  if (!result.empty())
    result += gold.catchup ? "; missed windows are run at the start"
                           : "; missed windows stay missed";
  const auto add = [&result](std::string_view text) {
    result += (result.empty() ? "" : "; ") + std::string{text};
  };
  if (gold.on_watermark)
    add("watermark: when it has passed a window's end and lateness, and after "
        "every later change");
  else if (gold.on_change)
    add("change: when rows of a window that is closed have changed");
  if (!gold.after.empty())
    add("after each run of gold " + joined(gold.after)
        + ", for the windows that overlap");
  return result.empty() ? "only by hand (sluice gold run)" : result;
}

/// Whether marks of changed rows make it run, not a schedule alone.
bool waits_for_quiet(const topology::gold& gold) {
  return gold.on_change || gold.on_watermark || !gold.after.empty();
}

void add_runs(aligned_text& to, const topology::gold& gold,
              std::chrono::sys_seconds now) {
  to.add({"trigger", triggers_text(gold, now)});
  if (!gold.refresh.empty()) {
    const auto next = next_firing(gold, gold.refresh, now);
    to.add({"refresh", gold.refresh + ", for changed windows that are open"
                           + (next ? ", next at " + moment_text(*next) : "")});
  }
  if (waits_for_quiet(gold))
    to.add({"waits", "until nothing has changed for "
                         + duration_text(gold.debounce) + ", at most "
                         + duration_text(gold.max_staleness)
                         + " after the first change"});
  for (const auto& join : gold.joins)
    to.add({"joins",
            join.table + "." + join.column + " = " + gold.window.over_table
                + "." + join.over_column + "; a row that appears or goes: "
                + std::string{name_of(join.appears)}
                + ", that changes: " + std::string{name_of(join.changes)}});
}

std::string outside_text(topology::on_outside what) {
  return what == topology::on_outside::quarantine
             ? "the record goes to the dead-letter topic"
             : "in silver and counted, in no window";
}

std::string gold_text(const topology::gold& gold, const std::string& database,
                      std::chrono::sys_seconds now) {
  aligned_text facts{"    "};
  auto window = window_text(gold) + " over " + gold.window.over_table + '.'
                + gold.window.over_column;
  if (const auto start = start_of(gold))
    window += ", from " + moment_text(*start) + " on";
  if (gold.window.lateness.count() != 0)
    window += ", " + duration_text(gold.window.lateness) + " for late rows";
  facts.add({"window", window});
  facts.add({"outside", "event times before " + moment_text(gold.window.oldest)
                            + " or more than "
                            + duration_text(gold.window.ahead)
                            + " ahead: " + outside_text(gold.window.outside)});
  if (gold.timezone != "UTC")
    facts.add({"time zone", gold.timezone});
  add_runs(facts, gold, now);
  facts.add({"retries", std::to_string(gold.retry.attempts) + ", "
                            + duration_text(gold.retry.delay)
                            + " apart; a run may take "
                            + duration_text(gold.timeout)});
  if (!gold.key.empty())
    facts.add({"key", joined(gold.key)});
  aligned_text columns{"      "};
  for (const auto& column : gold::visible_columns(gold))
    columns.add({column.name, column.type});
  return "\ngold " + gold.name + "\n" + facts.text() + "    columns\n"
         + columns.text() + "    in ClickHouse\n"
         + indented(gold::create_table(gold, database), "      ") + "    SQL\n"
         + indented(gold.sql, "      ");
}

void add_kafka(aligned_text& to, const topology::kafka& kafka) {
  auto where = kafka.is_embedded()
                   ? "embedded, " + std::to_string(kafka.embedded.partitions)
                         + " partitions a topic"
                   : kafka.brokers;
  where += "; group " + kafka.group;
  to.add({"Kafka", where});
  to.add({"", "records that cannot be read go to topic "
                  + kafka.dead_letter_topic});
  std::vector<std::string> names;
  for (const auto& property : kafka.properties)
    names.push_back(property.first);
  if (!names.empty())
    to.add({"", "with settings for " + joined(names)});
}

void add_clickhouse(aligned_text& to, const topology::clickhouse& where) {
  auto text = where.is_embedded()
                  ? std::string{"embedded, served over HTTP on 127.0.0.1:"}
                        + (where.embedded_port == 0
                               ? "any free port"
                               : std::to_string(where.embedded_port))
                  : without_credentials(where.url) + ", user " + where.user;
  to.add({"ClickHouse", text + "; database " + where.database});
}

void add_tuning(aligned_text& to, const topology::tuning& tuning) {
  to.add({"Tuning", "a cut ends at " + bytes_text(tuning.cut_bytes) + ", "
                        + std::to_string(tuning.cut_rows) + " records or "
                        + duration_text(tuning.cut_age)});
  to.add({"", std::to_string(tuning.cuts_in_flight)
                  + " cuts of a partition in flight, "
                  + bytes_text(tuning.credit_bytes)
                  + " of its records in memory, "
                  + std::to_string(tuning.writers) + " writers a table"});
  to.add({"", bytes_text(tuning.memory_bytes) + " of memory a node, "
                  + topology::number_to_text(tuning.inserts_per_second)
                  + " inserts per second a table, "
                  + topology::number_to_text(tuning.node_inserts_per_second)
                  + " a node, " + std::to_string(tuning.gold_runs)
                  + " gold runs at once"});
}

void add_recovery(aligned_text& to, const topology::recovery& recovery) {
  const auto words = words_of(recovery);
  std::string text;
  for (const auto& [condition, policy] : words)
    text += (text.empty() ? "" : ", ") + std::string{condition} + ": "
            + std::string{policy};
  to.add({"Recovery", text});
}

} // namespace

std::string print(const topology::topology& what, const layouts& tables,
                  const partition_counts& partitions,
                  std::chrono::sys_seconds now) {
  aligned_text places{""};
  add_kafka(places, what.kafka);
  add_clickhouse(places, what.clickhouse);
  const auto port = what.status.port;
  places.add({"Status page",
              "http://" + what.status.host + ':'
                  + (port == 0 ? "any free port" : std::to_string(port))});
  add_tuning(places, what.tuning);
  add_recovery(places, what.recovery);
  auto result = "pipeline " + what.pipeline + " (" + what.file + ")\n\n"
                + places.text() + tables_text(what, tables, partitions);
  const auto& database = what.clickhouse.database;
  for (const auto& each : what.golds)
    result += gold_text(each, database, now);
  return result + "\ngold runs are recorded in table "
         + std::string{gold::ledger_table} + "\n"
         + indented(gold::create_ledger(database), "      ");
}

} // namespace sluice::plan
