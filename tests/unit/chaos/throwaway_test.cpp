#include "chaos/throwaway.hpp"

#include <gmock/gmock.h>

#include "chaos/topology_text.hpp"
#include "silver/table_layout.hpp"
#include "topology/read.hpp"

namespace sluice::chaos {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* everything = R"(
pipeline: shop
kafka:
  brokers: k1:9092,k2:9092
  group: my-group
  properties: {security.protocol: ssl, client.rack: "a$${b}"}
clickhouse: {url: "https://ch:8443", database: shop, user: me, password: pw}
tuning: {flush: 2s, cuts_in_flight: 4, memory: 64 MiB}
recovery: {records_lost: continue}
tables:
  users:
    topic: users
    mode: latest
    key: [id]
    engine: ReplacingMergeTree(_version, _deleted)
    ttl: updated + INTERVAL 1 DAY
    start: latest
    columns:
      id: UInt64
      note: {type: Nullable(String), from: "a.\"é\u2028", on_invalid: null}
      updated: {type: DateTime64(3), unit: ms}
      one: {type: UInt8, constant: "1"}
      twice: {type: UInt64, computed: id * 2}
      raw: {type: String, raw: true}
  clicks:
    topic: clicks
    format: debezium-mongodb
    mode: append
    filter: id > 5
    order_by: [id]
    partition_by: id % 3
    settings: {index_granularity: "1024"}
    columns: {id: {type: String, from: _id.$oid}}
gold:
  by_hop:
    window: {every: 24h, hop: 6h, over: users.updated, lateness: 1h}
    timezone: Europe/Berlin
    partition: month
    key: [id]
    columns: {id: UInt64, n: 'Decimal(12, 2)'}
    sql: |
      SELECT id, count() AS n FROM users -- not $${HOME}
      WHERE updated >= {window_start} AND updated < {window_end} GROUP BY id
  by_day:
    window: {every: day, over: users.updated}
    after: [by_hop]
    children: {clicks: {on: id = note, changes: next_run}}
    key: [id]
    columns: {id: UInt64}
    sql: |
      SELECT users.id FROM users, clicks
      WHERE updated >= {window_start} AND updated < {window_end}
)";

topology::topology read(const std::string& text) {
  auto result = topology::read_text(text, "test", [](const std::string&) {
    return std::optional<std::string>{};
  });
  for (const auto& mistake :
       result ? std::vector<topology::diagnostic>{} : result.error())
    ADD_FAILURE() << to_string(mistake) << "\n" << text;
  return result.value_or(topology::topology{});
}

throwaway_topology copy() {
  return make_throwaway(read(everything),
                        {.run = "r1",
                         .brokers = "127.0.0.1:9",
                         .clickhouse_url = "http://127.0.0.1:8",
                         .session_timeout = std::chrono::seconds{3}});
}

TEST(Throwaway, SharesNoNameWithTheOriginal) {
  const auto what = copy().what;
  EXPECT_EQ(what.pipeline, "shop-chaos-r1");
  EXPECT_EQ(what.kafka.group, "shop-chaos-r1");
  EXPECT_EQ(what.kafka.dead_letter_topic, "shop-chaos-r1.dlq");
  EXPECT_EQ(what.kafka.brokers, "127.0.0.1:9");
  EXPECT_EQ(what.clickhouse.url, "http://127.0.0.1:8");
  EXPECT_EQ(what.clickhouse.database, "shop_chaos_r1");
  EXPECT_THAT(what.clickhouse.password, IsEmpty());
  for (const auto& table : what.tables)
    EXPECT_THAT(table.topic, HasSubstr("-chaos-r1")) << table.name;
  EXPECT_EQ(what.kafka.properties.at("security.protocol"), "ssl");
  EXPECT_EQ(what.kafka.properties.at("session.timeout.ms"), "3000");
}

TEST(Throwaway, FeedsASpreadLogTableFromEveryTopic) {
  const auto made = copy();
  ASSERT_EQ(made.log_tables.size(), 2U);
  for (const auto& table : made.what.tables) {
    const auto layout = silver::lay_out(table);
    ASSERT_TRUE(layout) << table.name << layout.error().front().message;
  }
  const auto& log = made.what.tables.back();
  EXPECT_EQ(log.name, made.log_tables.back());
  EXPECT_EQ(log.topic, made.what.tables[1].topic);
  EXPECT_EQ(log.format, topology::record_format::debezium_mongodb);
  EXPECT_EQ(log.partition_by, "chaos_offset % 4");
}

TEST(Throwaway, LeavesOutWhatWouldHideRowsAndSaysSo) {
  const auto made = copy();
  for (const auto& table : made.what.tables) {
    EXPECT_THAT(table.filter, IsEmpty());
    EXPECT_THAT(table.ttl, IsEmpty());
    EXPECT_EQ(table.start, topology::table_start{});
  }
  EXPECT_THAT(made.what.tables[0].engine, Not(IsEmpty()));
  EXPECT_EQ(made.what.recovery, topology::recovery{});
  EXPECT_EQ(made.notes.size(), 3U);
}

TEST(Throwaway, KeepsGoldsThatCanBeJudged) {
  const auto made = copy();
  ASSERT_EQ(made.what.golds.size(), 2U);
  for (const auto& gold : made.what.golds)
    EXPECT_TRUE(gold.on_change) << gold.name;
}

TEST(Throwaway, GoesRoundFreeTableNames) {
  auto original = read(everything);
  original.tables[0].name = "chaos_log_1";
  const auto made = make_throwaway(original, {.run = "r"});
  EXPECT_EQ(made.log_tables.front(), "chaos_log_1_");
}

TEST(TopologyText, IsReadAsTheSameTopology) {
  const auto original = copy().what;
  const auto again = read(topology_text(original));
  EXPECT_EQ(again.pipeline, original.pipeline);
  EXPECT_EQ(again.kafka, original.kafka);
  EXPECT_EQ(again.clickhouse, original.clickhouse);
  EXPECT_EQ(again.status, original.status);
  EXPECT_EQ(again.tuning, original.tuning);
  EXPECT_EQ(again.recovery, original.recovery);
  ASSERT_EQ(again.tables.size(), original.tables.size());
  for (std::size_t i = 0; i < again.tables.size(); ++i) {
    const auto& one = again.tables[i];
    const auto& other = original.tables[i];
    EXPECT_EQ(one.name, other.name);
    EXPECT_EQ(one.topic, other.topic);
    EXPECT_EQ(one.format, other.format);
    EXPECT_EQ(one.mode, other.mode);
    EXPECT_EQ(one.key, other.key);
    EXPECT_EQ(one.order_by, other.order_by);
    EXPECT_EQ(one.engine, other.engine);
    EXPECT_EQ(one.partition_by, other.partition_by);
    EXPECT_EQ(one.settings, other.settings);
    ASSERT_EQ(one.columns.size(), other.columns.size());
    for (std::size_t j = 0; j < one.columns.size(); ++j) {
      EXPECT_EQ(one.columns[j].name, other.columns[j].name);
      EXPECT_EQ(one.columns[j].type, other.columns[j].type);
      EXPECT_EQ(one.columns[j].from, other.columns[j].from);
      EXPECT_EQ(one.columns[j].unit, other.columns[j].unit);
      EXPECT_EQ(one.columns[j].raw, other.columns[j].raw);
      EXPECT_EQ(one.columns[j].invalid, other.columns[j].invalid);
      EXPECT_EQ(one.columns[j].computed, other.columns[j].computed);
      EXPECT_EQ(one.columns[j].constant, other.columns[j].constant);
    }
  }
}

TEST(TopologyText, IsReadWithTheSameGolds) {
  const auto original = copy().what;
  const auto again = read(topology_text(original));
  ASSERT_EQ(again.golds.size(), original.golds.size());
  for (std::size_t i = 0; i < again.golds.size(); ++i) {
    const auto& one = again.golds[i];
    const auto& other = original.golds[i];
    EXPECT_EQ(one.name, other.name);
    EXPECT_EQ(one.window.unit, other.window.unit);
    EXPECT_EQ(one.window.every, other.window.every);
    EXPECT_EQ(one.window.hop, other.window.hop);
    EXPECT_EQ(one.window.over_table, other.window.over_table);
    EXPECT_EQ(one.window.over_column, other.window.over_column);
    EXPECT_EQ(one.window.lateness, other.window.lateness);
    EXPECT_EQ(one.window.idle, other.window.idle);
    EXPECT_EQ(one.window.ahead, other.window.ahead);
    EXPECT_EQ(one.window.oldest, other.window.oldest);
    EXPECT_EQ(one.timezone, other.timezone);
    EXPECT_EQ(one.trigger, other.trigger);
    EXPECT_EQ(one.on_change, other.on_change);
    EXPECT_EQ(one.on_watermark, other.on_watermark);
    EXPECT_EQ(one.debounce, other.debounce);
    EXPECT_EQ(one.max_staleness, other.max_staleness);
    EXPECT_EQ(one.after, other.after);
    EXPECT_EQ(one.key, other.key);
    EXPECT_EQ(one.sql, other.sql);
    EXPECT_EQ(one.partition, other.partition);
    EXPECT_EQ(one.retry, other.retry);
    EXPECT_EQ(one.timeout, other.timeout);
    ASSERT_EQ(one.columns.size(), other.columns.size());
    for (std::size_t j = 0; j < one.columns.size(); ++j) {
      EXPECT_EQ(one.columns[j].name, other.columns[j].name);
      EXPECT_EQ(one.columns[j].type, other.columns[j].type);
    }
    ASSERT_EQ(one.joins.size(), other.joins.size());
    for (std::size_t j = 0; j < one.joins.size(); ++j) {
      EXPECT_EQ(one.joins[j].table, other.joins[j].table);
      EXPECT_EQ(one.joins[j].column, other.joins[j].column);
      EXPECT_EQ(one.joins[j].over_column, other.joins[j].over_column);
      EXPECT_EQ(one.joins[j].appears, other.joins[j].appears);
      EXPECT_EQ(one.joins[j].changes, other.joins[j].changes);
    }
  }
}

} // namespace
} // namespace sluice::chaos
