#include "chaos/throwaway.hpp"

#include <algorithm>
#include <map>

#include "chaos/gold_copy.hpp"

namespace sluice::chaos {

namespace {

using namespace std::chrono_literals;

// Names are "<user's>-chaos-<run>"; what is too long loses its end.
constexpr std::size_t pipeline_characters_max = 80;
constexpr std::size_t topic_characters_max = 220;

std::string renamed(std::string name, std::size_t characters_max,
                    const std::string& run, char separator) {
  name.resize(std::min(name.size(), characters_max));
  name += separator;
  name += "chaos";
  name += separator;
  return name + run;
}

topology::column read_column(std::string name, std::string type,
                             std::string from) {
  topology::column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.from = std::move(from);
  return result;
}

topology::table log_table(std::string name, const topology::table& beside) {
  topology::table result;
  result.name = std::move(name);
  result.topic = beside.topic;
  result.format = beside.format;
  result.mode = topology::table_mode::append;
  result.columns = {
      read_column("chaos_offset", "Int64", "@offset"),
      read_column(std::string{mark_column}, "String",
                  "@headers." + std::string{mark_header}),
  };
  result.order_by = {"chaos_offset"};
  result.partition_by =
      "chaos_offset % " + std::to_string(log_table_partitions);
  return result;
}

std::string free_name(const topology::topology& in, std::size_t number) {
  auto name = "chaos_log_" + std::to_string(number);
  while (std::ranges::any_of(
      in.tables, [&](const auto& table) { return table.name == name; }))
    name += '_';
  return name;
}

void simplify(topology::table& table, std::vector<std::string>& notes) {
  const auto without = [&](std::string& what, const char* name) {
    if (what.empty())
      return;
    notes.push_back("table " + table.name + ": its " + name
                    + " is left out: it would change which rows must be there");
    what.clear();
  };
  without(table.filter, "filter");
  without(table.ttl, "ttl");
  if (table.mode == topology::table_mode::append)
    without(table.engine, "engine");
}

void shorten_waits(topology::topology& what, const throwaway_places& at) {
  auto& tuning = what.tuning;
  tuning.cut_age = 250ms;
  tuning.inserts_per_second = 100;
  auto& clickhouse = what.clickhouse;
  clickhouse.connect_timeout = 1s;
  clickhouse.request_timeout = 2s;
  auto& properties = what.kafka.properties;
  properties["session.timeout.ms"] = std::to_string(at.session_timeout.count());
  properties["heartbeat.interval.ms"] =
      std::to_string(at.session_timeout.count() / 6);
  properties["max.poll.interval.ms"] = std::to_string(
      std::max<std::int64_t>(30'000, at.session_timeout.count()));
}

} // namespace

throwaway_topology make_throwaway(topology::topology of,
                                  const throwaway_places& at) {
  throwaway_topology result{std::move(of), {}, {}};
  auto& what = result.what;
  what.pipeline = renamed(what.pipeline, pipeline_characters_max, at.run, '-');
  what.kafka.group = what.pipeline;
  what.kafka.dead_letter_topic = what.pipeline + ".dlq";
  what.kafka.brokers = at.brokers;
  const auto partitions = what.kafka.embedded.partitions;
  what.kafka.embedded = {};
  what.kafka.embedded.partitions = partitions;
  auto database =
      renamed(what.clickhouse.database, pipeline_characters_max, at.run, '_');
  what.clickhouse = {};
  what.clickhouse.url = at.clickhouse_url;
  what.clickhouse.database = std::move(database);
  what.status = {};
  make_comparable(what, result.notes);
  what.recovery = {};
  shorten_waits(what, at);

  std::map<std::string, const topology::table*> topics;
  for (auto& table : what.tables) {
    simplify(table, result.notes);
    table.start = {};
    table.topic = renamed(table.topic, topic_characters_max, at.run, '-');
  }
  std::vector<topology::table> logs;
  for (const auto& table : what.tables)
    if (topics.emplace(table.topic, &table).second)
      logs.push_back(log_table(free_name(what, topics.size()), table));
  for (auto& log : logs) {
    result.log_tables.push_back(log.name);
    what.tables.push_back(std::move(log));
  }
  return result;
}

} // namespace sluice::chaos
