#include "tests/support/consumer_test.hpp"

namespace sluice::actors {
namespace {

using PartitionConsumer = consumer_test;

TEST_F(PartitionConsumer, HandsOutRecordsAndFlushesThemByAge) {
  start();
  produce(3);
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_TRUE(log_->closed.empty());
  pass(tuning_.cut_age);
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 3}}));
}

TEST_F(PartitionConsumer, LetsNothingBeInsertedBeforeTheIntentIsRecorded) {
  start();
  produce(3);
  pass(tuning_.cut_age);
  ASSERT_EQ(kafka_.commits.size(), 1U);
  EXPECT_EQ(kafka_.commits.front().offset, 0);
  EXPECT_TRUE(log_->recorded.empty());
  answer();
  EXPECT_EQ(log_->recorded, (std::vector<kafka::cut>{{0, 3}}));
}

TEST_F(PartitionConsumer, CommitsPastACutOnlyAfterItWasWritten) {
  start();
  produce(3);
  pass(tuning_.cut_age);
  answer();
  EXPECT_TRUE(kafka_.commits.empty());
  acknowledge({0, 3});
  ASSERT_EQ(kafka_.commits.size(), 1U);
  EXPECT_EQ(kafka_.commits.front().offset, 3);
}

TEST_F(PartitionConsumer, RepeatsACommitThatFailed) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer(commit_status::retry);
  EXPECT_TRUE(log_->recorded.empty());
  EXPECT_TRUE(kafka_.commits.empty()) << "not at once";
  pass(std::chrono::seconds{1});
  ASSERT_EQ(kafka_.commits.size(), 1U);
  answer();
  EXPECT_EQ(log_->recorded.size(), 1U);
}

TEST_F(PartitionConsumer, GivesUpAPartitionThatIsNoLongerItsOwn) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer(commit_status::not_owner);
  EXPECT_EQ(reason(), "orders/0: is no longer ours: because");
  EXPECT_TRUE(log_->recorded.empty());
  EXPECT_FALSE(kafka_.source_alive);
}

TEST_F(PartitionConsumer, EndsNoCutBeforeARecordThatIsInIt) {
  start();
  produce(3);
  kafka_.position = 1; // as if another owner of the source had started it
  pass(tuning_.cut_age);
  EXPECT_TRUE(log_->closed.empty());
  EXPECT_TRUE(kafka_.commits.empty());
  EXPECT_EQ(reason(), "orders/0: was moved back under its reader, to offset 1");
}

TEST_F(PartitionConsumer, TakesNoMoreThanItsCreditWhileClickHouseStalls) {
  tuning_.cut_rows = 10;
  tuning_.cuts_in_flight = 2;
  start();
  produce(1000);
  for (auto i = 0; i < 10; ++i) {
    pass(tuning_.cut_age);
    if (!kafka_.commits.empty())
      answer();
  }
  EXPECT_EQ(kafka_.records_taken, 20U) << "two cuts of ten";
  acknowledge({0, 10});
  EXPECT_EQ(kafka_.records_taken, 30U) << "one acknowledged, one more taken";
}

TEST_F(PartitionConsumer, ByteCreditBoundsWhatIsTaken) {
  tuning_.credit_bytes = 50;
  tuning_.cut_bytes = 1'000'000;
  start();
  produce(1000);
  EXPECT_LE(kafka_.records_taken, 6U);
  EXPECT_GE(kafka_.records_taken, 1U);
  EXPECT_GE(log_->closed.size(), 1U) << "a cut without room for more is closed";
}

TEST_F(PartitionConsumer, TakesNoMoreThanCanBeDecodedSoon) {
  log_->decodes = false;
  start();
  for (auto i = 0; i < 5; ++i)
    kafka_.produce("k", std::string(1U << 20U, 'v'));
  settle();
  EXPECT_LE(kafka_.records_taken, 3U);
  for (auto i = 0; i < 5; ++i) {
    decode(*log_);
    settle();
  }
  EXPECT_EQ(kafka_.records_taken, 5U);
}

TEST_F(PartitionConsumer, ACutIsMeasuredByTheBlockThatItBecomes) {
  tuning_.cut_bytes = 1000;
  log_->row_bytes = 1; // of eleven
  start();
  for (auto i = 0; i < 50; ++i)
    produce(10);
  EXPECT_TRUE(log_->closed.empty()) << "500 bytes";
  log_->row_bytes = 100;
  produce(5);
  EXPECT_EQ(log_->closed.size(), 1U) << "1,000 bytes of 55";
}

TEST_F(PartitionConsumer, ACutGrowsOlderWhileMoreWaitsThanItHas) {
  start();
  kafka_.waiting = 1000; // that the source has not fetched yet
  produce(2);
  pass(tuning_.cut_age);
  ASSERT_EQ(log_->closed.size(), 1U) << "the first one shows that it works";
  produce(2);
  for (auto i = 0; i < 3; ++i) {
    pass(tuning_.cut_age);
    EXPECT_EQ(log_->closed.size(), 1U);
  }
  pass(tuning_.cut_age);
  EXPECT_EQ(log_->closed.size(), 2U) << "but not for ever";
  kafka_.waiting = 0;
  while (!kafka_.commits.empty())
    answer();
  acknowledge({0, 2});
  acknowledge({2, 4});
  produce(2);
  pass(tuning_.cut_age);
  EXPECT_EQ(log_->closed.size(), 3U);
}

TEST_F(PartitionConsumer, AnOldCutWaitsForTheNodesNextSlot) {
  slots_ = std::make_shared<insert_slots>(1);
  start();
  produce(1);
  pass(tuning_.cut_age);
  ASSERT_EQ(log_->closed.size(), 1U);
  const auto now = system_.clock().now();
  EXPECT_GT(slots_->take(now, 3), now) << "taken by others";
  produce(1);
  pass(tuning_.cut_age);
  EXPECT_EQ(log_->closed.size(), 1U);
  produce(1);
  pass(std::chrono::seconds{5});
  ASSERT_EQ(log_->closed.size(), 2U);
  EXPECT_EQ(log_->closed[1].hi, 3) << "with what came meanwhile";
}

TEST_F(PartitionConsumer, CreditComesBackAsPayloadsBecomeBlocks) {
  tuning_.credit_bytes = 100;
  tuning_.cut_bytes = 100;
  log_->row_bytes = 1;
  start();
  produce(20);
  EXPECT_EQ(kafka_.records_taken, 20U);
  EXPECT_EQ(memory_->in_use(), 20U);
}

TEST_F(PartitionConsumer, CutsAgainAtTheEndsThatWereRecorded) {
  kafka_.stored = {2, position(2, {{2, 5}, {5, 7}}, 1, 4)};
  for (auto i = 0; i < 10; ++i)
    kafka_.produce("k", "v");
  partition_count_ = 0;
  start();
  EXPECT_EQ(epochs_, std::vector<std::uint16_t>{4});
  EXPECT_EQ(log_->replayed, (std::vector<bool>{true, true}));
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{2, 5}, {5, 7}}));
  EXPECT_EQ(log_->recorded, log_->closed) << "no second intent is needed";
  EXPECT_TRUE(kafka_.commits.empty());
}

TEST_F(PartitionConsumer, ARecordedEndInAGapOfTheLogEndsTheCut) {
  kafka_.stored = {0, position(0, {{0, 5}})};
  for (auto i = 0; i < 8; ++i)
    kafka_.produce("k", "v");
  std::erase_if(kafka_.log, [](const auto& each) {
    return each.offset >= 3 && each.offset < 7;
  });
  start();
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 5}}));
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{0, 1, 2, 7}));
}

TEST_F(PartitionConsumer, ACutLargerThanTodaysCreditIsStillCutTheSame) {
  kafka_.stored = {0, position(0, {{0, 9}})};
  tuning_.credit_bytes = 20;
  for (auto i = 0; i < 10; ++i)
    kafka_.produce("k", std::string(10, 'v'));
  start();
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 9}}));
}

TEST_F(PartitionConsumer, RefusesMetadataThatIsNotItsOwn) {
  kafka_.stored = {0, "someone else's"};
  start();
  EXPECT_NE(reason().find("orders/0: the committed offset's metadata"),
            std::string::npos)
      << reason();
  EXPECT_FALSE(kafka_.started);
}

TEST_F(PartitionConsumer, DrainFinishesClosedCutsAndLeavesTheOpenOne) {
  tuning_.cut_rows = 2;
  start();
  produce(3);
  caf::anon_send(consumer_, drain{});
  settle();
  answer();
  EXPECT_EQ(log_->recorded, (std::vector<kafka::cut>{{0, 2}}));
  EXPECT_EQ(reason(), "alive");
  acknowledge({0, 2});
  EXPECT_EQ(reason(), "alive") << "its last commit is not answered";
  answer();
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "");
  EXPECT_EQ(kafka_.stored.offset, 2) << "the third record is left to the next";
  EXPECT_FALSE(kafka_.source_alive);
}

TEST_F(PartitionConsumer, DrainTwiceIsDrainOnce) {
  start();
  caf::anon_send(consumer_, drain{});
  caf::anon_send(consumer_, drain{});
  settle();
  EXPECT_TRUE(ended_->has_value());
}

TEST_F(PartitionConsumer, ALateAcknowledgementChangesNothing) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer();
  acknowledge({0, 1});
  acknowledge({0, 1});
  EXPECT_EQ(kafka_.commits.size(), 1U);
}

TEST_F(PartitionConsumer, EndsWithTheReasonOfItsTransformer) {
  start();
  caf::anon_send(caf::actor_cast<caf::actor>(transformer_),
                 caf::exit_msg{{}, failure("out of columns")});
  settle();
  EXPECT_EQ(reason(), "out of columns");
}

TEST_F(PartitionConsumer, EndsWithTheReasonWhyItsSourceStandsStill) {
  start();
  kafka_.failure =
      kafka::source_failure{.what = kafka::source_failure::kind::records_lost,
                            .log_start = 5,
                            .log_end = 9,
                            .text = "offset 0 is no longer in the log"};
  kafka_.notify();
  settle();
  EXPECT_EQ(reason(), "orders/0: offset 0 is no longer in the log");
}

} // namespace
} // namespace sluice::actors
