// What a batching writer does with a table that was reset.
#include "tests/support/writer_test.hpp"

namespace sluice::actors {
namespace {

class ResetTable : public writer_test {
protected:
  static clickhouse::error refused_by_the_fence() {
    const std::string text =
        "Code: 469. DB::Exception: Constraint `sluice_epoch` for table "
        "d.users is violated at row 1. Expression: (_epoch >= 4).";
    return {clickhouse::classify(469, text), 469, false, text};
  }
  static rows_ready rows_of_epoch(std::uint16_t epoch) {
    auto result = ten_rows();
    result.token = "epoch " + std::to_string(epoch);
    result.epoch = epoch;
    return result;
  }
  static void expect_refused(const answer_log& answers) {
    ASSERT_EQ(answers->size(), 1U);
    EXPECT_EQ(answers->front().fate, rows_fate::refused);
    EXPECT_NE(answers->front().reason.find("was reset"), std::string::npos)
        << answers->front().reason;
  }
};

TEST_F(ResetTable, ABlockOfItsFormerLifeIsNotDividedButStopsTheTable) {
  start();
  for (const auto tried_before : {false, true}) {
    auto work = rows_of_epoch(2);
    work.tried_before = tried_before;
    const auto sent = send(work);
    answer(0, refused_by_the_fence());
    expect_refused(sent);
    EXPECT_FALSE(sent->front().paused);
  }
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::stopped);
  EXPECT_NE(report_->reason.find("run it again"), std::string::npos);
  EXPECT_NE((*find())->refused, "");
  EXPECT_EQ((*find())->reset, 0);
}

TEST_F(ResetTable, WithTheWordOfItTheTableIsWrittenAgainAtOnce) {
  start();
  send(rows_of_epoch(2));
  answer(0, refused_by_the_fence());
  tell(pause_told{{}, 4});
  const auto found = find();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->refused, "");
  EXPECT_EQ((*found)->reset, 4);
  const auto sent = send(rows_of_epoch(4));
  answer(0);
  ASSERT_EQ(sent->size(), 1U);
  EXPECT_EQ(sent->front().fate, rows_fate::written);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::running);
}

TEST_F(ResetTable, SilverIsAskedAboutItsNewLife) {
  start();
  tell(pause_told{{}, 4});
  send_question({3, 2, 70});
  send_question({3, 4, 70});
  send_question({3, 9, 70});
  ASSERT_EQ(log_->newest_asked.size(), 3U);
  EXPECT_EQ(log_->newest_asked[0].epoch, 4);
  EXPECT_EQ(log_->newest_asked[0].from, 0) << "70 was of another life";
  EXPECT_EQ(log_->newest_asked[1].epoch, 4);
  EXPECT_EQ(log_->newest_asked[1].from, 70);
  EXPECT_EQ(log_->newest_asked[2].epoch, 9);
}

TEST_F(ResetTable, WhatWaitsOrComesOfItsFormerLifeIsRefusedUnsent) {
  start();
  const auto under_way = send(rows_of_epoch(2));
  const auto waits = send(rows_of_epoch(3));
  const auto stays = send(rows_of_epoch(4));
  tell(pause_told{{}, 4});
  expect_refused(waits);
  EXPECT_TRUE(under_way->empty()) << "ClickHouse has been asked";
  EXPECT_TRUE(stays->empty());
  expect_refused(send(rows_of_epoch(3)));
  EXPECT_EQ(log_->attempts.size(), 1U);
  answer(0, refused_by_the_fence());
  expect_refused(under_way);
  const auto found = find();
  answer(0);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->refused, "") << "the table is well";
  ASSERT_EQ(stays->size(), 1U);
  EXPECT_EQ(stays->front().fate, rows_fate::written);
}

TEST_F(ResetTable, APausedTableTellsOfItsResetToo) {
  start(1, true);
  tell(pause_told{"paused by someone", 4});
  EXPECT_EQ((*find())->refused, "paused by someone");
  EXPECT_EQ((*find())->reset, 4);
}

} // namespace
} // namespace sluice::actors
