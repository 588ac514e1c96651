// kafka:, clickhouse:, status:, tuning: and recovery:.
#include <filesystem>
#include <fstream>

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using testing::mistakes_in;
using ::testing::Pair;
using testing::read_valid;
using testing::smallest;
using namespace std::chrono_literals;

TEST(ReadKafka, TakesWhatIsGiven) {
  const auto read = read_valid(smallest
                               + "kafka:\n"
                                 "  brokers: k1:9092,k2:9092\n"
                                 "  group: g\n"
                                 "  dead_letter_topic: bad.ones\n"
                                 "  embedded: {partitions: 7}\n"
                                 "  properties:\n"
                                 "    security.protocol: SASL_SSL\n"
                                 "    session.timeout.ms: 45000\n"
                                 "    sasl.password: ''\n");
  EXPECT_EQ(read.kafka.brokers, "k1:9092,k2:9092");
  EXPECT_FALSE(read.kafka.is_embedded());
  EXPECT_EQ(read.kafka.group, "g");
  EXPECT_EQ(read.kafka.dead_letter_topic, "bad.ones");
  EXPECT_EQ(read.kafka.embedded.partitions, 7);
  EXPECT_THAT(read.kafka.properties,
              ElementsAre(Pair("sasl.password", ""),
                          Pair("security.protocol", "SASL_SSL"),
                          Pair("session.timeout.ms", "45000")));
}

TEST(ReadKafka, WhatSluiceControlsIsRefusedWithTheReason) {
  EXPECT_THAT(
      mistakes_in(smallest
                  + "kafka:\n"
                    "  properties:\n"
                    "    group.id: x\n"
                    "    enable.auto.commit: true\n"
                    "    auto.offset.reset: latest\n"
                    "    bootstrap.servers: k:1\n"
                    "    enable.auto.offset.store: true\n"
                    "    partition.assignment.strategy: roundrobin\n"
                    "    sasl.jaas.config: x\n"
                    "    Group-Id: x\n"
                    "    client.rack: [a]\n"),
      ElementsAre(
          "8:5: 'group.id' in 'properties' of 'kafka' cannot be set: 'group' "
          "sets "
          "it",
          HasSubstr(
              "9:5: 'enable.auto.commit' in 'properties' of 'kafka' cannot "
              "be set: Sluice commits"),
          HasSubstr("10:5: 'auto.offset.reset'"),
          HasSubstr("11:5: 'bootstrap.servers'"),
          HasSubstr("12:5: 'enable.auto.offset.store'"),
          HasSubstr("13:5: 'partition.assignment.strategy'"),
          HasSubstr(
              "14:5: 'sasl.jaas.config' in 'properties' of 'kafka' cannot be "
              "set: it belongs to the Java client"),
          HasSubstr("15:5: 'Group-Id' in 'properties' of 'kafka' is no name"),
          "16:18: 'client.rack' in 'properties' of 'kafka' must be a text or "
          "{file: PATH}, but a list stands there"));
}

TEST(ReadKafka, MistakesAreNamed) {
  EXPECT_THAT(
      mistakes_in(smallest
                  + "kafka:\n"
                    "  broker: k:1\n"
                    "  brokers: kafka\n"
                    "  group: a b\n"
                    "  dead_letter_topic: a/b\n"
                    "  embedded: {partitions: 0, size: 1}\n"
                    "  properties: text\n"),
      ElementsAre(
          "7:3: unknown key 'broker' in 'kafka': did you mean 'brokers'?",
          HasSubstr(
              "8:12: 'brokers' in 'kafka' must be 'embedded' or host:port"),
          HasSubstr("9:10: 'group' in 'kafka' must consist of"),
          HasSubstr("10:22: 'dead_letter_topic' in 'kafka' must consist of"),
          HasSubstr(
              "11:26: 'partitions' in 'embedded' of 'kafka' must be a whole "
              "number from 1 to 256, but '0' stands there"),
          HasSubstr("11:29: unknown key 'size' in 'embedded' of 'kafka'"),
          "12:15: 'properties' in 'kafka' must be a map, but 'text' stands "
          "there"));
}

TEST(ReadClickhouse, TakesWhatIsGiven) {
  const auto read = read_text(smallest
                                  + "clickhouse:\n"
                                    "  url: https://ch:8443/\n"
                                    "  database: shop\n"
                                    "  user: u\n"
                                    "  password: p\n"
                                    "  ca_file: ca.pem\n"
                                    "  compression: zstd\n"
                                    "  connect_timeout: 2s\n"
                                    "  request_timeout: 1 minute\n"
                                    "  embedded_port: 8123\n",
                              "dir/t.yaml", environment_of({}));
  ASSERT_TRUE(read.has_value());
  clickhouse expected;
  expected.url = "https://ch:8443";
  expected.database = "shop";
  expected.user = "u";
  expected.password = "p";
  expected.ca_file = "dir/ca.pem";
  expected.compression = "zstd";
  expected.connect_timeout = 2s;
  expected.request_timeout = 1min;
  expected.embedded_port = 8123;
  EXPECT_EQ(read->clickhouse, expected);
}

TEST(ReadClickhouse, MistakesAreNamed) {
  EXPECT_THAT(
      mistakes_in(smallest
                  + "clickhouse:\n"
                    "  url: ch:8123\n"
                    "  database: system\n"
                    "  user: [a]\n"
                    "  compression: lz5\n"
                    "  connect_timeout: 5\n"
                    "  request_timeout: 10ms\n"
                    "  embedded_port: 70000\n"),
      ElementsAre(
          HasSubstr("7:8: 'url' in 'clickhouse' must be 'embedded', http://"),
          "8:13: 'database' in 'clickhouse' must not be one of ClickHouse's "
          "own "
          "databases",
          "9:9: 'user' in 'clickhouse' must be a text, but a list stands there",
          "10:16: 'compression' in 'clickhouse' is 'lz5', which is unknown: "
          "did you "
          "mean 'lz4'?",
          "11:20: 'connect_timeout' in 'clickhouse' must be a duration with "
          "its "
          "unit, such as 500ms, 10s, 5 minutes, 6h or 1 day, but '5' stands "
          "there",
          "12:20: 'request_timeout' in 'clickhouse' must be from 1s to 1 day, "
          "but "
          "'10ms' stands there: an INSERT of a whole cut must fit in",
          "13:18: 'embedded_port' in 'clickhouse' must be a whole number from "
          "0 to "
          "65535, but '70000' stands there: 0 takes any free port"));
}

TEST(ReadClickhouse, AnEmptyPasswordMustBeWritten) {
  EXPECT_THAT(mistakes_in(smallest + "clickhouse: {password: }\n"),
              ElementsAre("6:14: 'password' in 'clickhouse' must be a text or "
                          "{file: PATH}, but nothing stands there"));
  EXPECT_EQ(
      read_valid(smallest + "clickhouse: {password: ''}\n").clickhouse.password,
      "");
}

TEST(ReadClickhouse, APasswordIsReadFromAFileBesideTheTopology) {
  const auto directory =
      std::filesystem::path{::testing::TempDir()} / "sluice_secret_test";
  std::filesystem::create_directories(directory);
  const auto read = [&](const std::string& content) {
    std::ofstream{directory / "secret", std::ios::binary} << content;
    const auto result =
        read_text(smallest + "clickhouse: {password: {file: secret}}\n",
                  (directory / "t.yaml").string(), environment_of({}));
    return result ? result->clickhouse.password
                  : to_string(result.error().front());
  };
  EXPECT_EQ(read("pass word\n"), "pass word");
  EXPECT_EQ(read("pass word\r\n"), "pass word");
  EXPECT_EQ(read("two\nlines\n\n"), "two\nlines\n");
  EXPECT_EQ(read("plain"), "plain");
  EXPECT_EQ(read(""), "");
  EXPECT_THAT(read(std::string((1U << 20U) + 1, 'x')),
              HasSubstr("it is larger than 1048576 bytes"));
  std::filesystem::remove_all(directory);
}

TEST(ReadClickhouse, ASecretFileThatCannotBeReadIsNamed) {
  EXPECT_THAT(
      mistakes_in(smallest + "clickhouse: {password: {file: nowhere/x}}\n"),
      ElementsAre(
          "6:31: 'password' in 'clickhouse': cannot read 'nowhere/x': No "
          "such file or directory"));
  EXPECT_THAT(mistakes_in(smallest + "clickhouse: {password: {fiel: x}}\n"),
              ElementsAre(HasSubstr("6:24: 'password' in 'clickhouse' must be "
                                    "a text or {file: PATH}, but a map")));
  EXPECT_THAT(mistakes_in(smallest + "clickhouse: {password: {file: [x]}}\n"),
              ElementsAre(HasSubstr("must be a path, but a list")));
}

TEST(ReadClickhouse, AMissingVariableIsTheOnlyMistakeOfItsValue) {
  EXPECT_THAT(mistakes_in(smallest
                          + "clickhouse: {url: '${NO}', "
                            "connect_timeout: '${NO2}'}\n"),
              ElementsAre(HasSubstr("6:19: environment variable 'NO'"),
                          HasSubstr("6:45: environment variable 'NO2'")));
}

TEST(ReadStatus, TakesHostAndPort) {
  const auto read =
      read_valid(smallest + "status: {host: 0.0.0.0, port: 80}\n");
  EXPECT_EQ(read.status.host, "0.0.0.0");
  EXPECT_EQ(read.status.port, 80);
  EXPECT_THAT(mistakes_in(smallest + "status: {host: '', port: -1}\n"),
              ElementsAre(HasSubstr("'host' in 'status' must be an address to "
                                    "listen on, but '' stands there"),
                          HasSubstr("'port' in 'status' must be a whole number "
                                    "from 0 to 65535, but '-1'")));
}

TEST(ReadTuning, TakesWhatIsGiven) {
  const auto read = read_valid(smallest
                               + "tuning: {cut_bytes: 1MiB, cut_rows: 10_000, "
                                 "flush: 100ms, cuts_in_flight: 3, "
                                 "credit_bytes: 32MB, writers: 4, "
                                 "memory: 32MiB, inserts_per_second: 0.5, "
                                 "node_inserts_per_second: 7}\n");
  tuning expected;
  expected.cut_bytes = 1U << 20U;
  expected.cut_rows = 10'000;
  expected.cut_age = 100ms;
  expected.cuts_in_flight = 3;
  expected.credit_bytes = 32'000'000;
  expected.writers = 4;
  expected.memory_bytes = 32U << 20U;
  expected.inserts_per_second = 0.5;
  expected.node_inserts_per_second = 7;
  EXPECT_EQ(read.tuning, expected);
}

TEST(ReadTuning, ValuesOutOfRangeAreToldWhy) {
  EXPECT_THAT(
      mistakes_in(smallest
                  + "tuning:\n"
                    "  cut_bytes: 2GiB\n"
                    "  cut_rows: 0\n"
                    "  flush: 1ms\n"
                    "  cuts_in_flight: 33\n"
                    "  credit_bytes: lots\n"
                    "  writers: 65\n"
                    "  memory: 31MiB\n"
                    "  inserts_per_second: 0\n"),
      ElementsAre(
          "7:14: 'cut_bytes' in 'tuning' must be from 1KiB to 1GiB, but '2GiB' "
          "stands there: a cut is one block in memory",
          HasSubstr(
              "8:13: 'cut_rows' in 'tuning' must be a whole number from 1"),
          HasSubstr(
              "9:10: 'flush' in 'tuning' must be from 10ms to 10 minutes, but "
              "'1ms' stands there: shorter floods ClickHouse"),
          HasSubstr("10:19: 'cuts_in_flight'"),
          "11:17: 'credit_bytes' in 'tuning' must be a size such as 64MiB or "
          "500KB, "
          "but 'lots' stands there",
          HasSubstr("12:12: 'writers'"),
          "13:11: 'memory' in 'tuning' must be from 32MiB to 64GiB, but "
          "'31MiB' stands there: it is what a node holds outside the embedded "
          "ClickHouse",
          "14:23: 'inserts_per_second' in 'tuning' must be a number from 0.01 "
          "to 1000, but '0' stands there: each INSERT makes a part that "
          "ClickHouse must merge"));
}

TEST(ReadTuning, CreditMustHoldAWholeCut) {
  EXPECT_THAT(
      mistakes_in(smallest + "tuning: {cut_bytes: 256MiB}\n"),
      ElementsAre("6:21: 'cut_bytes' in 'tuning' does not fit: credit_bytes "
                  "(128MiB) must not be less than cut_bytes (256MiB): a cut "
                  "could never grow to its size"));
  EXPECT_THAT(mistakes_in(smallest + "tuning: {credit_bytes: 1MiB}\n"),
              ElementsAre(HasSubstr("6:24: 'credit_bytes' in 'tuning'")));
}

TEST(ReadRecovery, TakesWhatIsGiven) {
  const auto read = read_valid(smallest
                               + "recovery:\n"
                                 "  silver_ahead: skip_existing\n"
                                 "  records_lost: continue\n"
                                 "  topic_replaced: new_epoch\n"
                                 "  partitions_added: continue\n");
  EXPECT_EQ(read.recovery.silver_ahead, on_silver_ahead::skip_existing);
  EXPECT_EQ(read.recovery.records_lost, on_records_lost::proceed);
  EXPECT_EQ(read.recovery.topic_replaced, on_topic_replaced::new_epoch);
  EXPECT_EQ(read.recovery.partitions_added, on_partitions_added::proceed);
  EXPECT_EQ(read_valid(smallest + "recovery: {silver_ahead: new_epoch}\n")
                .recovery.silver_ahead,
            on_silver_ahead::new_epoch);
}

TEST(ReadRecovery, MistakesAreNamed) {
  EXPECT_THAT(
      mistakes_in(smallest
                  + "recovery:\n"
                    "  silver_ahead: continue\n"
                    "  records_lost: skip\n"
                    "  topic_replaced: continue\n"
                    "  partition_added: stop\n"),
      ElementsAre(
          HasSubstr("7:17: 'silver_ahead' in 'recovery' is 'continue', which "
                    "is unknown"),
          HasSubstr("8:17: 'records_lost' in 'recovery' is 'skip', which is "
                    "unknown"),
          HasSubstr("9:19: 'topic_replaced' in 'recovery' is 'continue', which "
                    "is unknown"),
          "10:3: unknown key 'partition_added' in 'recovery': did you mean "
          "'partitions_added'?"));
}

} // namespace sluice::topology
