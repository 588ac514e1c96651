#include "actors/takeover.hpp"

#include <gmock/gmock.h>

namespace sluice::actors {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

kafka::table_position at(const std::string& table, std::int64_t frontier) {
  return {kafka::name_hash(table), frontier, {}, 0, {}};
}

/// Two tables that stand at offset 50 of a log of 10 to 100.
partition_standing standing() {
  partition_standing result;
  result.committed.offset = 50;
  result.metadata.partition_count = 4;
  result.metadata.tables = {at("users", 50), at("events", 50)};
  result.bounds = {10, 100};
  result.partition_count = 4;
  result.ordered_by_partition = true;
  table_standing users;
  users.name = "users";
  table_standing events;
  events.name = "events";
  result.tables = {users, events};
  return result;
}

TEST(Takeover, GoesOnWhereItStands) {
  const auto from = take_over(standing(), {});
  ASSERT_TRUE(from) << from.error();
  EXPECT_EQ(from->offset, 50);
  EXPECT_EQ(from->tables[1].at.frontier, 50);
  EXPECT_TRUE(from->notes.empty());
}

TEST(Takeover, ATableThatTakesNothingKeepsItsPlace) {
  auto of = standing();
  of.metadata.tables[1].frontier = 70;
  of.tables[0].refused = "no such table";
  const auto from = take_over(of, {});
  ASSERT_TRUE(from);
  EXPECT_FALSE(from->tables[0].attached);
  EXPECT_TRUE(from->tables[1].attached);
  EXPECT_EQ(from->offset, 50);
}

TEST(Takeover, ANewTableBeginsWhereItsStartSays) {
  auto of = standing();
  of.metadata.tables.pop_back();
  EXPECT_EQ(take_over(of, {})->tables[1].at.frontier, 10);
  EXPECT_EQ(take_over(of, {})->offset, 10) << "the offset goes back for it";
  of.tables[1].starts_at_end = true;
  EXPECT_EQ(take_over(of, {})->tables[1].at.frontier, 100);
  of.tables[1].starts_at_end = false;
  of.tables[1].start = 63;
  EXPECT_EQ(take_over(of, {})->tables[1].at.frontier, 63);
  of.metadata.intents = {{50, 60}, {60, 65}};
  EXPECT_EQ(take_over(of, {})->tables[1].at.frontier, 60)
      << "a cut is taken whole";
  of.tables[1].start = 3;
  EXPECT_EQ(take_over(of, {})->tables[1].at.frontier, 10);
}

TEST(Takeover, OffsetsSetByHandHoldForEveryTable) {
  auto of = standing();
  of.metadata = {};
  const auto from = take_over(of, {});
  ASSERT_TRUE(from);
  EXPECT_EQ(from->tables[0].at.frontier, 50);
  EXPECT_EQ(from->tables[1].at.frontier, 50);
  ASSERT_EQ(from->notes.size(), 1U);
  EXPECT_THAT(from->notes[0], StartsWith("offset set from outside: begins at"));
}

TEST(Takeover, RowsOfAnIntentAreNoSurprise) {
  auto of = standing();
  of.metadata.intents = {{50, 60}};
  of.tables[0].newest = 59;
  EXPECT_TRUE(take_over(of, {}));
  of.tables[0].newest = 60;
  const auto stopped = take_over(of, {});
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error(), StartsWith("silver ahead: table users"));
  EXPECT_THAT(stopped.error(), HasSubstr("recovery.silver_ahead"));
}

TEST(Takeover, SilverAheadWhereNothingIsCommitted) {
  auto of = standing();
  of.committed = {};
  of.metadata = {};
  of.tables[1].newest = 12;
  EXPECT_FALSE(take_over(of, {}));
  topology::recovery skip;
  skip.silver_ahead = topology::on_silver_ahead::skip_existing;
  const auto from = take_over(of, skip);
  ASSERT_TRUE(from);
  EXPECT_EQ(from->tables[0].at.frontier, 10);
  EXPECT_EQ(from->tables[1].at.frontier, 13);
  EXPECT_EQ(from->notes.size(), 1U);
}

TEST(Takeover, ANewEpochTakesEverythingAgain) {
  auto of = standing();
  of.metadata.epoch = 3;
  of.metadata.tables[1].epoch = 5;
  of.metadata.intents = {{50, 60}};
  of.tables[0].newest = 80;
  topology::recovery restart;
  restart.silver_ahead = topology::on_silver_ahead::new_epoch;
  const auto from = take_over(of, restart);
  ASSERT_TRUE(from);
  EXPECT_EQ(from->metadata.epoch, 6);
  EXPECT_EQ(from->tables[0].at.epoch, 6);
  EXPECT_EQ(from->tables[1].at.epoch, 6);
  EXPECT_EQ(from->offset, 10);
  EXPECT_TRUE(from->metadata.intents.empty());
}

TEST(Takeover, ATableThatWasResetBeginsAgainInItsEpoch) {
  auto of = standing();
  of.metadata.intents = {{50, 60}};
  of.metadata.tables[0] = {kafka::name_hash("users"), 52, 60, 1, {55}};
  of.tables[0].reset = 3;
  const auto from = take_over(of, {});
  ASSERT_TRUE(from) << from.error();
  const auto& users = from->tables[0].at;
  EXPECT_EQ(users.epoch, 3);
  EXPECT_EQ(users.frontier, 10);
  EXPECT_TRUE(users.splits.empty());
  EXPECT_EQ(from->tables[1].at, of.metadata.tables[1]) << "the other goes on";
  EXPECT_EQ(from->offset, 10);
  EXPECT_EQ(from->metadata.epoch, 0);
  EXPECT_EQ(from->metadata.intents, of.metadata.intents);
  ASSERT_EQ(from->notes.size(), 1U);
  EXPECT_EQ(from->notes[0], "table users was reset: begins at 10 as epoch 3");
  of.tables[0].start = 63;
  EXPECT_EQ(take_over(of, {})->tables[0].at.frontier, 63);
  EXPECT_EQ(take_over(of, {})->offset, 50);
}

TEST(Takeover, AResetIsTakenOnce) {
  auto of = standing();
  of.metadata.tables[0] = {kafka::name_hash("users"), 52, {}, 3, {}};
  for (const auto reset : std::vector<std::uint16_t>{0, 2, 3}) {
    of.tables[0].reset = reset;
    const auto from = take_over(of, {});
    ASSERT_TRUE(from);
    EXPECT_EQ(from->tables[0].at, of.metadata.tables[0]);
    EXPECT_TRUE(from->notes.empty());
  }
}

TEST(Takeover, APartitionThatNobodyHasHadBeginsInTheTablesEpoch) {
  auto of = standing();
  of.committed = {};
  of.metadata = {};
  of.tables[0].reset = 3;
  const auto from = take_over(of, {});
  ASSERT_TRUE(from);
  EXPECT_EQ(from->tables[0].at.epoch, 3);
  EXPECT_EQ(from->tables[1].at.epoch, 0);
  EXPECT_EQ(first_position(of).tables[0].at, from->tables[0].at);
}

TEST(Takeover, RowsInTheEpochOfAResetThatNobodyHasBegunAreSilverAhead) {
  auto of = standing();
  of.metadata.intents = {{50, 60}};
  of.tables[0].reset = 3;
  of.tables[0].newest = 10;
  EXPECT_THAT(take_over(of, {}).error(),
              StartsWith("silver ahead: table users"));
  of.tables[0].newest.reset();
  of.tables[0].refused = "no such table";
  EXPECT_EQ(take_over(of, {})->tables[0].at.attempted, 10)
      << "it was sent no intent in this life";
}

TEST(Takeover, OffsetsSetByHandHoldForATableThatWasReset) {
  auto of = standing();
  of.metadata = {};
  of.tables[0].reset = 3;
  const auto from = take_over(of, {});
  ASSERT_TRUE(from);
  EXPECT_EQ(from->tables[0].at.frontier, 50);
  EXPECT_EQ(from->tables[0].at.epoch, 3);
  EXPECT_EQ(from->tables[0].at.attempted, std::nullopt);
}

TEST(Takeover, ANewEpochIsBeyondEveryResetAndTablesThatAreNoMore) {
  auto of = standing();
  of.tables[0].reset = 3;
  of.tables[1].newest = 80;
  topology::recovery restart;
  restart.silver_ahead = topology::on_silver_ahead::new_epoch;
  EXPECT_EQ(take_over(of, restart)->metadata.epoch, 4);
  of.metadata.tables.push_back({kafka::name_hash("gone"), 50, {}, 7, {}});
  EXPECT_EQ(take_over(of, restart)->metadata.epoch, 8);
}

TEST(Takeover, EpochsRunOut) {
  auto of = standing();
  of.metadata.epoch = 65'535;
  of.tables[0].newest = 80;
  topology::recovery restart;
  restart.silver_ahead = topology::on_silver_ahead::new_epoch;
  EXPECT_FALSE(take_over(of, restart));
}

TEST(Takeover, RecordsLostToRetentionAreNamed) {
  auto of = standing();
  of.bounds.start = 55;
  of.metadata.intents = {{50, 54}, {54, 60}};
  const auto stopped = take_over(of, {});
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error(), StartsWith("records lost: offsets 50 to 54"));
  topology::recovery go_on;
  go_on.records_lost = topology::on_records_lost::proceed;
  const auto from = take_over(of, go_on);
  ASSERT_TRUE(from);
  EXPECT_EQ(from->offset, 54) << "the cut keeps its name";
  EXPECT_EQ(from->metadata.intents, (std::vector<kafka::cut>{{54, 60}}));
  EXPECT_EQ(from->notes.size(), 1U);
}

TEST(Takeover, ALogThatEndsBeforeTheOffsetIsAnotherTopic) {
  auto of = standing();
  of.bounds = {0, 30};
  const auto stopped = take_over(of, {});
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error(), StartsWith("topic replaced: "));
  topology::recovery restart;
  restart.topic_replaced = topology::on_topic_replaced::new_epoch;
  const auto from = take_over(of, restart);
  ASSERT_TRUE(from);
  EXPECT_EQ(from->metadata.epoch, 1);
  EXPECT_EQ(from->offset, 0);
}

TEST(Takeover, AddedPartitionsStopTablesWhoseOrderIsKafkas) {
  auto of = standing();
  of.partition_count = 8;
  const auto stopped = take_over(of, {});
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error(), StartsWith("partitions added: "));
  of.ordered_by_partition = false;
  const auto from = take_over(of, {});
  ASSERT_TRUE(from);
  EXPECT_EQ(from->metadata.partition_count, 8);
}

TEST(Takeover, TheRecordBeforeTheOffsetIsExpectedWhileTheLogHasIt) {
  auto of = standing();
  of.metadata.last = kafka::fingerprint{49, 1, 2};
  EXPECT_TRUE(take_over(of, {})->expected);
  of.bounds.start = 50;
  EXPECT_FALSE(take_over(of, {})->expected);
  of.bounds.start = 10;
  of.metadata.tables.pop_back();
  EXPECT_FALSE(take_over(of, {})->expected) << "a new table begins before it";
}

} // namespace
} // namespace sluice::actors
