#include "tests/support/consumer_test.hpp"

namespace sluice::actors {
namespace {

using PartitionRecovery = consumer_test;

// -- where it begins ----------------------------------------------------------

TEST_F(PartitionRecovery, RecordsWhereItBeginsBeforeItInserts) {
  for (auto i = 0; i < 3; ++i)
    kafka_.produce("k", "v");
  start();
  EXPECT_EQ(kafka_.stored.offset, 0);
  EXPECT_EQ(kafka_.stored.metadata.substr(0, 14), "sluice/2 e=0 n");
}

TEST_F(PartitionRecovery, AsksEachTableHowFarItIsBeforeItReads) {
  writers_[0]->answer.refused = "";
  start(2);
  ASSERT_EQ(writers_[0]->asked.size(), 1U);
  EXPECT_EQ(writers_[1]->asked.size(), 1U);
}

TEST_F(PartitionRecovery, BeginsWhereEachTableStarts) {
  using kind = topology::table_start::kind;
  starts_[0].from = kind::latest;
  starts_[1].from = kind::timestamp;
  for (auto i = 0; i < 6; ++i)
    kafka_.produce("k", "v");
  start(2);
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{4, 5}));
  EXPECT_TRUE(logs_[0]->offsets.empty());
  kafka_.produce("k", "v");
  settle();
  EXPECT_EQ(logs_[0]->offsets, (std::vector<std::int64_t>{6}));
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{4, 5, 6}));
  EXPECT_EQ(logs_[1]->closed, (std::vector<kafka::cut>{{4, 6}}))
      << "a cut ends where another table begins";
}

TEST_F(PartitionRecovery, SilverAheadOfKafkaWaitsForAPerson) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {{2, 5}})};
  writers_[0]->answer.offset = 5;
  start();
  EXPECT_NE(reason().find("silver ahead: table table0"), std::string::npos)
      << reason();
  EXPECT_FALSE(kafka_.started);
}

TEST_F(PartitionRecovery, OnlyTheOwnerTellsWhatItFindsAndReplaysWhatWasCut) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {{2, 5}})};
  for (const auto newest : {1, 7}) {
    writers_[0]->answer.offset = newest;
    first_answer_ = commit_status::not_owner;
    start();
    EXPECT_NE(reason().find("is no longer ours"), std::string::npos)
        << reason();
    EXPECT_FALSE(kafka_.started);
    EXPECT_EQ(kafka_.stored.metadata, position(2, {{2, 5}}));
  }
}

TEST_F(PartitionRecovery, APositionOfAnotherPipelineIsLeftAlone) {
  pipeline_ = kafka::name_hash("ours");
  start();
  const auto recorded = kafka_.stored;
  EXPECT_NE(recorded.metadata.find(" p="), std::string::npos)
      << recorded.metadata;
  start();
  EXPECT_EQ(reason(), "alive");
  pipeline_ = kafka::name_hash("theirs");
  start();
  EXPECT_NE(reason().find("of another pipeline"), std::string::npos)
      << reason();
  EXPECT_EQ(kafka_.stored.metadata, recorded.metadata);
}

TEST_F(PartitionRecovery, ANewEpochIsCommittedBeforeAnythingIsReadUnderIt) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {})};
  writers_[0]->answer.offset = 5;
  recovery_.silver_ahead = topology::on_silver_ahead::new_epoch;
  start();
  ASSERT_FALSE(kafka_.commits.empty());
  answer();
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "") << "it wants to begin anew";
  EXPECT_FALSE(kafka_.started);
  EXPECT_EQ(kafka_.stored.offset, 0);
  EXPECT_EQ(kafka_.stored.metadata.substr(0, 12), "sluice/2 e=1");
}

TEST_F(PartitionRecovery, AnotherTopicOfTheSameNameIsNoticed) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka::position_metadata metadata;
  metadata.last = kafka::fingerprint{4, 1'000, 12'345};
  metadata.tables = {{kafka::name_hash(name(0)), 5, {}, 0, {}}};
  kafka_.stored = {5, kafka::encode(metadata, 5)};
  start();
  EXPECT_NE(reason().find("orders/0: topic replaced: the record at offset 4"),
            std::string::npos)
      << reason();
  EXPECT_TRUE(log_->offsets.empty());
}

TEST_F(PartitionRecovery, TheRecordBeforeTheFirstIsOnlyCompared) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka::position_metadata metadata;
  metadata.partition_count = 4;
  metadata.last = kafka::fingerprint_of({4, 1'000, "k", "v", {}});
  metadata.tables = {{kafka::name_hash(name(0)), 5, {}, 0, {}}};
  kafka_.stored = {5, kafka::encode(metadata, 5)};
  start();
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{5, 6, 7, 8}));
}

// -- tables on their own ------------------------------------------------------

TEST_F(PartitionRecovery, ATableThatIsRefusedHoldsBackOnlyItself) {
  refuse_the_second_table();
  EXPECT_EQ(logs_[0]->recorded, (std::vector<kafka::cut>{{0, 3}, {3, 5}}));
  EXPECT_EQ(logs_[1]->recorded, (std::vector<kafka::cut>{{0, 3}}));
  EXPECT_EQ(kafka_.stored.offset, 0) << "it holds the offset";
  EXPECT_EQ(reason(), "alive");
}

TEST_F(PartitionRecovery, ATableThatWasRefusedFromTheStartIsTakenUpToo) {
  refuse_the_second_table();
  logs_[1]->offsets.clear();
  start(2);
  EXPECT_TRUE(logs_[1]->offsets.empty());
  pass(std::chrono::seconds{1});
  while (!kafka_.commits.empty())
    answer();
  writers_[1]->answer.refused.clear();
  pass(std::chrono::seconds{11});
  while (!kafka_.commits.empty())
    answer();
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "");
  EXPECT_EQ(kafka_.stored.offset, 0);
  start(2);
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST_F(PartitionRecovery, TheReportSaysWhoHoldsTheOffsetAndForHowLong) {
  refuse_the_second_table();
  pass(std::chrono::seconds{1});
  ASSERT_EQ(reported_.held.size(), 1U);
  EXPECT_EQ(reported_.held[0].table, "table1");
  EXPECT_EQ(reported_.held[0].frontier, 0);
  EXPECT_EQ(reported_.held[0].reason, "no such table");
  EXPECT_FALSE(reported_.retention_left) << "nobody was asked yet";
  pass(std::chrono::seconds{11});
  EXPECT_EQ(reported_.retention_left, std::chrono::hours{5});
}

TEST_F(PartitionRecovery, ATableThatIsMendedIsTakenUpWhereItStayed) {
  refuse_the_second_table();
  pass(std::chrono::seconds{11});
  EXPECT_EQ(reason(), "alive") << "it is refused still";
  writers_[1]->answer.refused.clear();
  pass(std::chrono::seconds{11});
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "");
  for (const auto& each : logs_)
    *each = {};
  kafka_.started = false;
  start(2);
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(logs_[0]->offsets.empty()) << "it has them";
}

TEST_F(PartitionRecovery, ADivisionIsTheTransformersOnceKafkaHasIt) {
  start();
  produce(4);
  pass(tuning_.cut_age);
  answer();
  caf::anon_send(consumer_, split_wanted{0, {0, 4}, {2}, false});
  settle();
  EXPECT_TRUE(log_->splits.empty());
  answer();
  EXPECT_EQ(log_->splits, (std::vector<std::vector<std::int64_t>>{{2}}));
  const auto stored =
      kafka::decode_position_metadata(kafka_.stored.metadata, 0);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->tables.front().splits, std::vector<std::int64_t>{2});
}

TEST_F(PartitionRecovery, ANodesBudgetIsSharedByItsPartitions) {
  memory_ = std::make_shared<memory_budget>(16 * 24);
  memory_share other{memory_};
  tuning_.cuts_in_flight = 1;
  start();
  other.hold(240 - 60);
  produce(1000);
  EXPECT_GE(memory_->in_use(), 240U) << "all that is for blocks";
  EXPECT_LE(memory_->in_use(), 240U + 11U) << "and a record";
}

// -- a table that was reset ---------------------------------------------------

TEST_F(PartitionRecovery, ATableThatWasResetIsReadAgainAndTheOthersGoOn) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  auto metadata = *kafka::decode_position_metadata(position(6, {}, 2), 6);
  metadata.last = kafka::fingerprint{5, 0, 1};
  kafka_.stored = {6, kafka::encode(metadata, 6)};
  writers_[1]->answer.reset = 4;
  start(2);
  answer();
  EXPECT_EQ(epochs_, (std::vector<std::uint16_t>{0, 4}));
  EXPECT_EQ(kafka_.stored.offset, 0) << "its frontier holds the offset";
  const auto stored =
      kafka::decode_position_metadata(kafka_.stored.metadata, 0);
  ASSERT_TRUE(stored);
  EXPECT_EQ(position_of(*stored, name(1))->epoch, 4);
  EXPECT_EQ(position_of(*stored, name(1))->frontier, 0);
  EXPECT_EQ(position_of(*stored, name(0))->epoch, 0);
  EXPECT_EQ(position_of(*stored, name(0))->frontier, 6);
  pass(tuning_.cut_age);
  EXPECT_EQ(logs_[1]->offsets.size(), 9U);
  EXPECT_EQ(logs_[0]->offsets, (std::vector<std::int64_t>{6, 7, 8}));
  EXPECT_NE(reported_.reason.find("table table1 was reset"), std::string::npos)
      << reported_.reason;
}

TEST_F(PartitionRecovery, ATableThatWasResetBeginsWhereItsStartSays) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {6, position(6, {})};
  starts_[0].from = topology::table_start::kind::timestamp;
  writers_[0]->answer.reset = 4;
  start();
  answer();
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{4, 5, 6, 7, 8}));
}

TEST_F(PartitionRecovery, AResetOpensThePartitionAnewOnceItIsDrained) {
  start();
  produce(3);
  pass(tuning_.cut_age);
  answer();
  tell_reset("another", 4);
  EXPECT_EQ(reason(), "alive") << "no table of this topic";
  tell_reset(name(0), 4);
  produce(3);
  EXPECT_EQ(reason(), "alive") << "a cut is under way";
  EXPECT_EQ(log_->offsets.size(), 3U) << "nothing more is read";
  acknowledge({0, 3});
  answer();
  EXPECT_EQ(reason(), "") << "that is no failure";
}

TEST_F(PartitionRecovery, AResetThatIsKnownChangesNothing) {
  writers_[0]->answer.reset = 4;
  start();
  tell_reset(name(0), 4);
  produce(3);
  EXPECT_EQ(reason(), "alive");
  EXPECT_EQ(log_->offsets.size(), 3U);
}

TEST_F(PartitionRecovery, AResetThatComesBeforeItHasBegunIsNotMissed) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {6, position(6, {})};
  first_answer_ = commit_status::retry;
  start();
  ASSERT_EQ(reason(), "alive");
  tell_reset(name(0), 4);
  EXPECT_EQ(reason(), "alive") << "its commit is not answered yet";
  pass(std::chrono::seconds{1});
  answer();
  EXPECT_EQ(reason(), "");
  EXPECT_FALSE(kafka_.started);
}

} // namespace
} // namespace sluice::actors
