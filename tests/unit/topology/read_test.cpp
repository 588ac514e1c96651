#include "topology/read.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::mistakes_in;
using testing::read_valid;
using testing::smallest;
using namespace std::chrono_literals;

namespace {

const std::filesystem::path commerce_file =
    std::filesystem::path{SLUICE_SOURCE_DIR} / "config/commerce.yaml";

topology commerce(testing::variables values = {}) {
  const auto result =
      read_file(commerce_file, environment_of(std::move(values)));
  if (result)
    return *result;
  for (const auto& mistake : result.error())
    ADD_FAILURE() << to_string(mistake);
  return {};
}

/// A file that is gone at the end of the test.
class scratch_file {
public:
  explicit scratch_file(const std::string& name, const std::string& content)
      : path_{std::filesystem::path{::testing::TempDir()}
              / ("sluice_read_test_" + name)} {
    std::ofstream{path_, std::ios::binary} << content;
  }
  ~scratch_file() { std::filesystem::remove(path_); }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace

TEST(Read, CommerceIsEmbeddedUnlessTheEnvironmentSaysOtherwise) {
  const auto read = commerce();
  EXPECT_EQ(read.pipeline, "commerce");
  EXPECT_EQ(read.file, commerce_file.string());
  EXPECT_TRUE(read.kafka.is_embedded());
  EXPECT_EQ(read.kafka.group, "commerce");
  EXPECT_EQ(read.kafka.dead_letter_topic, "commerce.dlq");
  EXPECT_TRUE(read.clickhouse.is_embedded());
  EXPECT_EQ(read.clickhouse.database, "commerce");
  EXPECT_EQ(read.clickhouse.user, "default");
  EXPECT_EQ(read.clickhouse.password, "");
  EXPECT_EQ(read.status, status{});
  EXPECT_EQ(read.tuning, tuning{});
}

TEST(Read, CommerceTakesRealServersFromTheEnvironment) {
  const auto read = commerce({{"KAFKA_BROKERS", "k1:9092,k2:9092"},
                              {"CLICKHOUSE_URL", "https://ch:8443"},
                              {"CLICKHOUSE_USER", "loader"},
                              {"CLICKHOUSE_PASSWORD", "s3: #cret"},
                              {"SLUICE_STATUS_PORT", "8080"}});
  EXPECT_EQ(read.kafka.brokers, "k1:9092,k2:9092");
  EXPECT_EQ(read.clickhouse.url, "https://ch:8443");
  EXPECT_EQ(read.clickhouse.user, "loader");
  EXPECT_EQ(read.clickhouse.password, "s3: #cret");
  EXPECT_EQ(read.status.port, 8080);
}

TEST(Read, CommerceHasItsTwoSilverTablesInOrder) {
  const auto read = commerce();
  ASSERT_EQ(read.tables.size(), 2U);
  const auto& users = read.tables[0];
  EXPECT_EQ(users.name, "users");
  EXPECT_EQ(users.topic, "postgres.public.users");
  EXPECT_EQ(users.format, record_format::debezium_json);
  EXPECT_EQ(users.mode, table_mode::latest);
  EXPECT_THAT(users.key, ElementsAre("user_id"));
  EXPECT_THAT(users.order_by, ElementsAre("user_id"));
  ASSERT_EQ(users.columns.size(), 4U);
  EXPECT_EQ(users.columns[3].name, "updated_at");
  EXPECT_EQ(users.columns[3].type, "DateTime64(6)");
  EXPECT_EQ(users.columns[3].unit, time_unit::us);
  EXPECT_EQ(users.columns[3].from, "updated_at");

  const auto& events = read.tables[1];
  EXPECT_EQ(events.name, "events");
  EXPECT_EQ(events.topic, "mongo.commerce.events");
  EXPECT_EQ(events.format, record_format::debezium_mongodb);
  EXPECT_EQ(events.mode, table_mode::append);
  EXPECT_THAT(events.order_by, ElementsAre("user_id", "timestamp"));
  ASSERT_EQ(events.columns.size(), 5U);
  EXPECT_EQ(events.columns[0].from, "_id.$oid");
  EXPECT_EQ(events.columns[3].from, "ts");
  EXPECT_EQ(events.columns[3].type, "DateTime64(3)");
  EXPECT_TRUE(events.columns[4].raw);
  EXPECT_EQ(events.columns[4].from, "metadata");
}

TEST(Read, CommerceRunsGoldDailyFromItsStartWithoutCatchingUp) {
  const auto read = commerce();
  ASSERT_EQ(read.golds.size(), 1U);
  const auto& gold = read.golds[0];
  EXPECT_EQ(gold.name, "gold_user_activity");
  EXPECT_EQ(gold.window.every, 24h);
  EXPECT_EQ(gold.window.over_table, "events");
  EXPECT_EQ(gold.window.over_column, "timestamp");
  EXPECT_EQ(gold.window.start, std::chrono::sys_days{2026y / 2 / 18});
  EXPECT_EQ(gold.window.lateness, 0s);
  EXPECT_THAT(gold.trigger, ElementsAre("@daily"));
  EXPECT_FALSE(gold.catchup);
  EXPECT_EQ(gold.retry.attempts, 2);
  EXPECT_EQ(gold.retry.delay, 5min);
  EXPECT_EQ(gold.timeout, 10min);
  EXPECT_THAT(gold.key, ElementsAre("date", "user_id"));
  std::vector<std::string> columns;
  for (const auto& column : gold.columns)
    columns.push_back(column.name + " " + column.type);
  EXPECT_THAT(columns,
              ElementsAre("date Date", "user_id Int32", "full_name String",
                          "email String", "total_events UInt64",
                          "last_event_at DateTime", "_updated_at DateTime"));
  EXPECT_THAT(gold.sql, HasSubstr("{window_start}"));
  EXPECT_THAT(gold.sql, HasSubstr("{window_end}"));
}

TEST(Read, TheSmallestTopologyHasEveryDefault) {
  const auto read = read_valid(smallest);
  EXPECT_EQ(read.tuning, tuning{});
  EXPECT_EQ(read.tuning.memory_bytes, 256U << 20U);
  EXPECT_EQ(read.tuning.inserts_per_second, 10);
  EXPECT_EQ(read.tuning.node_inserts_per_second, 25);
  EXPECT_EQ(read.recovery, recovery{});
  EXPECT_EQ(read.clickhouse, clickhouse{});
  EXPECT_EQ(read.status, status{});
  kafka expected;
  expected.group = "p";
  expected.dead_letter_topic = "p.dlq";
  EXPECT_EQ(read.kafka, expected);
  EXPECT_THAT(read.golds, IsEmpty());
  ASSERT_EQ(read.tables.size(), 1U);
  EXPECT_EQ(read.tables[0].format, record_format::debezium_json);
  EXPECT_THAT(read.tables[0].order_by, ElementsAre("id"));
  EXPECT_EQ(read.tables[0].start.from, table_start::kind::earliest);
}

TEST(Read, ASectionWithNothingUnderItHasItsDefaults) {
  const auto read = read_valid(smallest
                               + "kafka:\nclickhouse:\nstatus:\ntuning:\n"
                                 "recovery:\ngold:\n");
  EXPECT_EQ(read.clickhouse, clickhouse{});
  EXPECT_TRUE(read.kafka.is_embedded());
}

TEST(Read, AFileThatCannotBeOpenedIsOneDiagnosticWithoutAPosition) {
  const auto result = read_file("/nowhere/t.yaml", environment_of({}));
  ASSERT_FALSE(result.has_value());
  ASSERT_EQ(result.error().size(), 1U);
  EXPECT_EQ(to_string(result.error()[0]),
            "/nowhere/t.yaml: cannot read '/nowhere/t.yaml': No such file or "
            "directory");
}

TEST(Read, ADirectoryIsNoTopology) {
  const auto result = read_file(::testing::TempDir(), environment_of({}));
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error()[0].message, HasSubstr("it is a directory"));
}

TEST(Read, AFileLargerThanTheBoundIsRefused) {
  const scratch_file file{"large.yaml", std::string((4U << 20U) + 1, '#')};
  const auto result = read_file(file.path(), environment_of({}));
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error()[0].message, HasSubstr("it is larger than"));
}

TEST(Read, WhatIsNoMapIsNoTopology) {
  EXPECT_THAT(mistakes_in(""),
              ElementsAre(HasSubstr("1:1: the file is empty")));
  EXPECT_THAT(mistakes_in("# only a comment\n"),
              ElementsAre(HasSubstr("1:1: ")));
  EXPECT_THAT(mistakes_in("- a\n"),
              ElementsAre("1:1: a topology is a map that begins with "
                          "'pipeline:', but a list stands there"));
  EXPECT_THAT(mistakes_in("hello"),
              ElementsAre(HasSubstr("but 'hello' stands there")));
}

TEST(Read, WhatIsRequiredIsAskedForByName) {
  EXPECT_THAT(mistakes_in("status: {}"),
              ElementsAre("1:1: missing key 'pipeline' in the topology",
                          "1:1: missing key 'tables' in the topology"));
}

TEST(Read, AnUnknownKeyIsShownWithTheNearestOne) {
  EXPECT_THAT(
      mistakes_in("pipelin: p\n" + smallest.substr(smallest.find('\n') + 1)),
      ElementsAre("1:1: unknown key 'pipelin' in the topology: did you "
                  "mean 'pipeline'?"));
  EXPECT_THAT(mistakes_in(smallest + "zebra: 1\n"),
              ElementsAre("6:1: unknown key 'zebra' in the topology; known are "
                          "pipeline, kafka, clickhouse, status, tuning, "
                          "recovery, tables, gold"));
}

TEST(Read, KeysOfLaterVersionsAreNamedAsSuch) {
  EXPECT_THAT(mistakes_in(smallest + "registry: x\n"),
              ElementsAre("6:1: key 'registry' in the topology: this version "
                          "of Sluice does not have it yet"));
}

TEST(Read, KeysThatBeginWithXAreThePersonsOwn) {
  const auto read = read_valid("x-columns: &c {id: Int64}\n"
                               "pipeline: p\n"
                               "tables:\n"
                               "  t: {topic: a, key: id, columns: *c}\n"
                               "  u:\n"
                               "    topic: a\n"
                               "    mode: append\n"
                               "    columns: {<<: *c, name: String}\n");
  ASSERT_EQ(read.tables.size(), 2U);
  ASSERT_EQ(read.tables[1].columns.size(), 2U);
  EXPECT_EQ(read.tables[0].columns[0].name, "id");
}

TEST(Read, PipelineNamesAreLimited) {
  EXPECT_THAT(
      mistakes_in("pipeline: a/b\n" + smallest.substr(smallest.find('\n') + 1)),
      ElementsAre(HasSubstr("1:11: 'pipeline' in the topology must "
                            "consist of letters")));
}

TEST(Read, DeadLettersMustNotGoWhereTheyAreReadAgain) {
  EXPECT_THAT(
      mistakes_in(smallest + "kafka: {dead_letter_topic: a.b}\n"),
      ElementsAre("3:3: table 't' reads 'a.b', which is the dead-letter topic: "
                  "its records would come back for ever"));
}

TEST(Read, TheProcessEnvironmentIsLookedUp) {
  ASSERT_EQ(setenv("SLUICE_READ_TEST", "value", 1), 0);
  EXPECT_EQ(process_environment()("SLUICE_READ_TEST"), "value");
  ASSERT_EQ(unsetenv("SLUICE_READ_TEST"), 0);
  EXPECT_EQ(process_environment()("SLUICE_READ_TEST"), std::nullopt);
}

} // namespace sluice::topology
