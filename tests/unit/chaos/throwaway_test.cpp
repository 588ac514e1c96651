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
  EXPECT_EQ(made.notes.size(), 2U);
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

} // namespace
} // namespace sluice::chaos
