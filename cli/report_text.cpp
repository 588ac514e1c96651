#include "cli/report_text.hpp"

#include "plan/aligned_text.hpp"
#include "status/age.hpp"

namespace sluice::cli {

namespace {

using plan::aligned_text;

/// Finished windows that are shown of each gold; more are in the ledger.
constexpr std::size_t windows_shown = 10;

std::string known(std::int64_t number) {
  return number < 0 ? "?" : std::to_string(number);
}

std::string ago(const std::optional<status::instant>& when,
                status::instant now) {
  return when ? status::age_text(now - *when) + " ago" : "never";
}

std::string node_text(const status::report& of) {
  const auto& node = of.node;
  aligned_text facts{"  "};
  const auto add = [&](std::string name, const std::string& value) {
    if (!value.empty())
      facts.add({std::move(name), value});
  };
  add("status page", node.status_url);
  add("ClickHouse", node.clickhouse_url);
  add("Kafka", node.kafka_brokers);
  add("data", node.data_directory);
  add("topology", node.topology_file);
  add("process", std::to_string(node.pid) + ", up "
                     + status::age_text(of.at - node.started) + ", sluice "
                     + node.version);
  auto result = node.pipeline + ": node " + node.id + ' '
                + std::string{to_string(of.health.state)} + '\n';
  for (const auto& reason : of.health.reasons)
    result += "  ! " + reason + '\n';
  return result + facts.text();
}

std::string tables_text(const status::report& of) {
  if (of.tables.empty())
    return {};
  aligned_text rows{"  "};
  rows.add({"table", "state", "rows written", "dead letters", "ignored",
            "last write", ""});
  for (const auto& table : of.tables)
    rows.add({table.name, std::string{to_string(table.state)},
              std::to_string(table.rows_written),
              std::to_string(table.dead_letters), std::to_string(table.ignored),
              ago(table.last_write, of.at), table.reason});
  return '\n' + rows.text();
}

std::string held_text(const status::report& of) {
  aligned_text rows{"  "};
  for (const auto& each : of.partitions)
    for (const auto& held : each.held) {
      if (rows.empty())
        rows.add({"held back", "table", "state", "from offset",
                  "retention leaves", ""});
      rows.add({each.topic + '/' + std::to_string(each.partition), held.table,
                std::string{to_string(held.state)}, known(held.frontier),
                status::retention_text(each.retention_left), held.reason});
    }
  return rows.empty() ? std::string{} : '\n' + rows.text();
}

std::string partitions_text(const status::report& of) {
  if (of.partitions.empty())
    return "\n  no partition of a topic is assigned to this node\n";
  aligned_text rows{"  "};
  rows.add({"topic/partition", "state", "position", "committed", "log end",
            "lag", ""});
  for (const auto& each : of.partitions)
    rows.add({each.topic + '/' + std::to_string(each.partition),
              std::string{to_string(each.state)}, known(each.position),
              known(each.committed), known(each.log_end), known(each.lag),
              each.reason});
  return '\n' + rows.text();
}

std::string window_name(const status::window_report& window) {
  // "2026-02-20T00:00:00.000Z": to the second says all of a window.
  constexpr std::size_t to_the_second = 19;
  return status::to_string(window.start).substr(0, to_the_second) + " - "
         + status::to_string(window.end).substr(0, to_the_second);
}

std::string gold_text(const status::gold_report& gold, status::instant now) {
  auto result = "\n  gold " + gold.name;
  if (gold.next_firing)
    result += ", next run " + status::to_string(*gold.next_firing);
  result += '\n';
  aligned_text rows{"    "};
  const auto hidden = gold.windows.size() > windows_shown
                          ? gold.windows.size() - windows_shown
                          : 0;
  if (!gold.windows.empty())
    rows.add({"window", "state", "attempt", "rows", "last run", ""});
  for (auto index = hidden; index < gold.windows.size(); ++index) {
    const auto& window = gold.windows[index];
    rows.add({window_name(window), window.state, std::to_string(window.attempt),
              std::to_string(window.rows), ago(window.last_run, now),
              window.error});
  }
  return result + rows.text();
}

} // namespace

std::string report_text(const status::report& of) {
  auto result =
      node_text(of) + tables_text(of) + partitions_text(of) + held_text(of);
  for (const auto& gold : of.golds)
    result += gold_text(gold, of.at);
  if (of.restarts.empty())
    return result;
  aligned_text rows{"  "};
  rows.add({"restarted", "times", "last", "state", "reason"});
  for (const auto& each : of.restarts)
    rows.add(
        {each.actor, std::to_string(each.restarts), ago(each.last, of.at),
         each.next ? "waits " + status::age_text(*each.next - of.at) : "runs",
         each.last_reason});
  return result + '\n' + rows.text();
}

} // namespace sluice::cli
