// What a batching writer does with a table that a person has paused.
#include "tests/support/writer_test.hpp"

namespace sluice::actors {
namespace {

using clickhouse::remedy;

class PausedTable : public writer_test {};

TEST_F(PausedTable, DoesNothingBeforeItKnowsWhetherItsTableIsPaused) {
  start(1, true);
  const auto written = write("a");
  const auto found = find();
  EXPECT_TRUE(log_->attempts.empty());
  EXPECT_FALSE(*found);
  tell(pause_told{});
  EXPECT_TRUE(*found);
  answer(0);
  EXPECT_TRUE(*written);
}

TEST_F(PausedTable, APausedTableIsRefusedUntilItIsResumed) {
  start(1, true);
  const auto waiting = send(ten_rows());
  const auto asked = find();
  tell(pause_told{"paused by someone"});
  for (const auto& each : {waiting, send(ten_rows())}) {
    ASSERT_EQ(each->size(), 1U);
    EXPECT_EQ(each->front().fate, rows_fate::refused);
    EXPECT_EQ(each->front().reason, "paused by someone");
    EXPECT_TRUE(each->front().paused);
  }
  for (const auto& each : {asked, find()}) {
    ASSERT_TRUE(*each);
    EXPECT_EQ((*each)->refused, "paused by someone");
    EXPECT_TRUE((*each)->paused);
  }
  pass(std::chrono::minutes{20});
  EXPECT_EQ((*find())->refused, "paused by someone") << "however long";
  EXPECT_EQ(report_->state, status::table_state::paused);
  EXPECT_EQ(report_->reason, "paused by someone");
  EXPECT_TRUE(log_->attempts.empty());
  tell(pause_told{});
  EXPECT_EQ((*find())->refused, "");
  send(ten_rows());
  EXPECT_EQ(log_->pending.size(), 1U);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::running);
}

TEST_F(PausedTable, ABlockThatWaitsForItsEarlierAttemptsStaysInKafka) {
  start();
  auto tried = ten_rows();
  tried.tried_before = true;
  const auto at_fault = send(tried);
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  tell(pause_told{"paused by someone"});
  ASSERT_EQ(at_fault->size(), 1U);
  EXPECT_EQ(at_fault->front().fate, rows_fate::refused);
  tell(pause_told{});
  pass(std::chrono::minutes{11});
  EXPECT_TRUE(log_->pending.empty()) << "it comes again from Kafka";
}

TEST_F(PausedTable, WhatClickHouseHasBeenSentIsWaitedForInAPause) {
  start();
  const auto sent = send(ten_rows());
  auto later = ten_rows();
  later.token = "b";
  const auto queued = send(later);
  tell(pause_told{"paused by someone"});
  EXPECT_TRUE(sent->empty());
  ASSERT_EQ(queued->size(), 1U);
  EXPECT_EQ(queued->front().fate, rows_fate::refused);
  answer(0);
  ASSERT_EQ(sent->size(), 1U);
  EXPECT_EQ(sent->front().fate, rows_fate::written);
  EXPECT_FALSE(sent->front().paused);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::paused);
}

TEST_F(PausedTable, WhatFailsInAPauseIsNotTriedAgain) {
  start();
  const auto sent = send(ten_rows());
  tell(pause_told{"paused by someone"});
  answer(0, network_error());
  ASSERT_EQ(sent->size(), 1U);
  EXPECT_EQ(sent->front().fate, rows_fate::refused);
  EXPECT_TRUE(sent->front().paused);
  pass(std::chrono::minutes{1});
  EXPECT_EQ(log_->attempts.size(), 1U);
}

TEST_F(PausedTable, ATableThatWasRefusedIsTriedAtOnceWhenItIsResumed) {
  start();
  send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 16, false, "no column x"});
  EXPECT_EQ((*find())->refused, "no column x");
  tell(pause_told{});
  EXPECT_EQ((*find())->refused, "");
}

} // namespace
} // namespace sluice::actors
