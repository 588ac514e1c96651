#include "tests/support/writer_test.hpp"

namespace sluice::actors {
namespace {

using clickhouse::remedy;

class BatchingWriter : public writer_test {};

TEST_F(BatchingWriter, AnswersWhenClickHouseHasTheRows) {
  start();
  const auto written = write("a");
  EXPECT_FALSE(*written);
  answer(0);
  EXPECT_TRUE(*written);
}

TEST_F(BatchingWriter, RepeatsTheSameBlockUnderTheSameToken) {
  start();
  const auto written = write("a");
  answer(0, network_error());
  EXPECT_TRUE(log_->pending.empty()) << "not at once";
  pass(std::chrono::seconds{1});
  ASSERT_EQ(log_->attempts.size(), 2U);
  EXPECT_EQ(log_->attempts[1].token, "a");
  EXPECT_EQ(log_->attempts[1].rows, log_->attempts[0].rows);
  EXPECT_FALSE(*written);
  answer(0);
  EXPECT_TRUE(*written);
}

TEST_F(BatchingWriter, WaitsTwiceAsLongAfterEachFailureUpTo30Seconds) {
  start();
  write("a");
  for (const auto wait : {1, 2, 4, 8, 16, 30, 30}) {
    answer(0, network_error());
    pass(std::chrono::seconds{wait} - std::chrono::milliseconds{100});
    EXPECT_TRUE(log_->pending.empty()) << "before " << wait << " s";
    pass(std::chrono::milliseconds{200});
    ASSERT_EQ(log_->pending.size(), 1U) << "after " << wait << " s";
  }
}

TEST_F(BatchingWriter, ASuccessStartsTheBackoffOver) {
  start();
  write("a");
  answer(0, network_error());
  pass(std::chrono::seconds{1});
  answer(0, network_error());
  pass(std::chrono::seconds{2});
  answer(0);
  write("b");
  answer(0, network_error());
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(log_->pending.size(), 1U);
}

TEST_F(BatchingWriter, InsertsAsManyBlocksAtOnceAsItHasInserters) {
  start(2);
  write("a");
  write("b");
  write("c");
  EXPECT_EQ(log_->pending.size(), 2U);
  answer(0);
  EXPECT_EQ(log_->pending.size(), 2U);
}

TEST_F(BatchingWriter, ABlockThatComesAgainJoinsTheOneUnderWay) {
  start();
  const auto first = write("a");
  const auto again = write("a");
  write("b");
  const auto queued_again = write("b");
  EXPECT_EQ(log_->attempts.size(), 1U);
  answer(0);
  EXPECT_TRUE(*first);
  EXPECT_TRUE(*again);
  answer(0);
  EXPECT_TRUE(*queued_again);
  EXPECT_EQ(log_->attempts.size(), 2U);
}

TEST_F(BatchingWriter, ABlockThatRetentionShortenedHasAFateOfItsOwn) {
  start();
  const auto whole = send(ten_rows());
  auto work = ten_rows();
  work.rows = block_of({9});
  const auto rest = send(work);
  answer(0, clickhouse::error{remedy::reject, 469, false, "row 3 is bad"});
  ASSERT_EQ(whole->size(), 1U);
  EXPECT_EQ(whole->front().fate, rows_fate::rejected);
  EXPECT_TRUE(rest->empty()) << "its row was not looked at";
  ASSERT_EQ(log_->attempts.size(), 2U);
  EXPECT_EQ(log_->attempts[1].rows->rows(), 1U);
  answer(0);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().fate, rows_fate::written);
}

TEST_F(BatchingWriter, RefusesATableWhenNoRetryHelpsAndSaysWhy) {
  start();
  const auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 60, false, "no table users"});
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::refused);
  EXPECT_EQ(answers->front().reason, "no table users");
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::stopped);
  EXPECT_EQ(report_->reason, "no table users");
}

TEST_F(BatchingWriter, ARefusedTableIsAskedForAgainAfterAWhile) {
  start();
  send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 16, false, "no column x"});
  ASSERT_TRUE(*find());
  EXPECT_EQ((*find())->refused, "no column x")
      << "although a question would be answered";
  pass(std::chrono::seconds{31});
  EXPECT_EQ((*find())->refused, "");
  send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 16, false, "no column x"});
  pass(std::chrono::seconds{31});
  EXPECT_EQ((*find())->refused, "no column x") << "twice as long";
  pass(std::chrono::seconds{30});
  EXPECT_EQ((*find())->refused, "");
}

TEST_F(BatchingWriter, ATableThatCannotEvenBeAskedIsAskedForSoon) {
  start();
  log_->newest =
      tl::make_unexpected(clickhouse::error{remedy::stop, 60, false, "none"});
  for (auto times = 0; times < 9; ++times) {
    EXPECT_EQ((*find())->refused, "none");
    pass(std::chrono::seconds{11});
  }
  log_->newest = std::optional<std::int64_t>{};
  EXPECT_EQ((*find())->refused, "") << "however long it was missing";
}

TEST_F(BatchingWriter, AQuestionThatFailsIsAskedAgain) {
  start();
  log_->newest = tl::make_unexpected(network_error());
  const auto found = find();
  EXPECT_FALSE(*found);
  log_->newest = std::optional<std::int64_t>{7};
  pass(std::chrono::seconds{1});
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->offset, 7);
}

TEST_F(BatchingWriter, WritesOnlyWhatSilverLacksOfABlockThatWasTried) {
  start();
  auto work = ten_rows();
  work.ask_first = work.tried_before = true;
  log_->there = {0, 1, 4, 9};
  const auto answers = send(work);
  ASSERT_EQ(log_->questions.size(), 1U);
  EXPECT_EQ(log_->questions[0].partition, 3);
  EXPECT_EQ(log_->questions[0].epoch, 2);
  EXPECT_EQ(log_->questions[0].range, (kafka::cut{0, 10}));
  ASSERT_EQ(log_->attempts.size(), 1U);
  EXPECT_EQ(log_->attempts[0].only, (std::vector<kafka::cut>{{2, 4}, {5, 9}}));
  EXPECT_EQ(log_->attempts[0].token, "a") << "for a late one of a zombie";
  answer(0);
  EXPECT_EQ(answers->front().fate, rows_fate::written);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->rows_written, 6U);
}

TEST_F(BatchingWriter, WritesNothingWhenSilverHasEveryRow) {
  start();
  auto work = ten_rows();
  work.ask_first = true;
  work.piece = {2, 5};
  log_->there = {2, 3, 4};
  const auto answers = send(work);
  EXPECT_TRUE(log_->attempts.empty());
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::written);
}

TEST_F(BatchingWriter, AsksSilverAfterEveryAttemptOfUnknownOutcome) {
  start();
  const auto answers = send(ten_rows());
  EXPECT_TRUE(log_->questions.empty()) << "nobody has sent it before";
  answer(0, network_error());
  log_->there = {0, 1, 2};
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->questions.size(), 1U);
  ASSERT_EQ(log_->attempts.size(), 2U);
  EXPECT_EQ(log_->attempts[1].only, (std::vector<kafka::cut>{{3, 10}}));
  answer(0, clickhouse::error{remedy::retry, 252, false, "too many parts"});
  log_->there = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  pass(std::chrono::seconds{2});
  EXPECT_EQ(log_->questions.size(), 2U);
  EXPECT_EQ(log_->attempts.size(), 2U) << "everything is there";
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::written);
}

TEST_F(BatchingWriter, DoesNotAskAfterAnAttemptThatFailedForCertain) {
  start();
  send(ten_rows());
  answer(0, clickhouse::error{remedy::retry, 252, false, "too many parts"});
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->attempts.size(), 2U);
  EXPECT_TRUE(log_->questions.empty());
}

TEST_F(BatchingWriter, ABlockOfWhichSilverHasNothingIsInsertedAsItIs) {
  start();
  auto work = ten_rows();
  work.ask_first = true;
  send(work);
  ASSERT_EQ(log_->attempts.size(), 1U);
  EXPECT_TRUE(log_->attempts[0].only.empty());
}

TEST_F(BatchingWriter, GivesBackWhatIsTooLargeOrAtFault) {
  start();
  auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  EXPECT_EQ(answers->front().fate, rows_fate::too_large);
  answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  EXPECT_EQ(answers->front().fate, rows_fate::rejected);
}

TEST_F(BatchingWriter, ABlockWhoseOutcomeIsUnknownIsNeverDividedForItsSize) {
  start();
  const auto answers = send(ten_rows());
  answer(0, network_error());
  for (auto i = 0; i < 30; ++i) {
    pass(std::chrono::seconds{31});
    ASSERT_EQ(log_->pending.size(), 1U);
    EXPECT_EQ(log_->pending[0].work.token, "a");
    answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  }
  EXPECT_TRUE(answers->empty());
}

TEST_F(BatchingWriter, ABlockWhoseOutcomeIsUnknownIsBisectedOnlyWhenItIsOver) {
  start();
  const auto answers = send(ten_rows());
  answer(0, network_error());
  pass(std::chrono::seconds{31});
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  EXPECT_TRUE(answers->empty());
  pass(std::chrono::minutes{10});
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::rejected);
}

TEST_F(BatchingWriter, OnlyTheBlockAtFaultWaitsForItsEarlierAttempts) {
  start();
  auto tried = ten_rows();
  tried.tried_before = true;
  const auto at_fault = send(tried);
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  const auto other = write("b");
  ASSERT_EQ(log_->pending.size(), 1U) << "at once";
  EXPECT_EQ(log_->pending[0].work.token, "b");
  answer(0);
  EXPECT_TRUE(*other);
  const auto again = send(tried);
  EXPECT_TRUE(log_->pending.empty()) << "it is the block that waits";
  pass(std::chrono::minutes{9});
  EXPECT_EQ(report_->blocks_in_flight, 1U);
  EXPECT_TRUE(at_fault->empty());
  pass(std::chrono::minutes{1});
  ASSERT_EQ(log_->pending.size(), 1U);
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  for (const auto& each : {at_fault, again}) {
    ASSERT_EQ(each->size(), 1U);
    EXPECT_EQ(each->front().fate, rows_fate::rejected);
  }
}

TEST_F(BatchingWriter, OneRowIsNeverTooLarge) {
  start();
  write("a");
  answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->pending.size(), 1U) << "it waits for memory";
}

TEST_F(BatchingWriter, SaysThatThereAreTooManyParts) {
  start();
  const auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::retry, 252, false, "too many parts"});
  pass(std::chrono::seconds{1});
  answer(0);
  EXPECT_TRUE(answers->front().crowded);
}

TEST_F(BatchingWriter, HoldsEverythingBackWhileClickHouseFails) {
  start(2);
  write("a");
  answer(0, clickhouse::error{remedy::retry, 252, false, "too many parts"});
  write("b");
  EXPECT_TRUE(log_->pending.empty());
  pass(std::chrono::seconds{1});
  ASSERT_EQ(log_->pending.size(), 2U);
  EXPECT_EQ(log_->pending[0].work.token, "a") << "the oldest first";
}

TEST_F(BatchingWriter, HoldsEverythingBackWhileClickHouseDoesNotAnswer) {
  start(2);
  write("a");
  answer(0, network_error());
  write("b");
  EXPECT_TRUE(log_->pending.empty());
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->pending.size(), 2U);
  EXPECT_EQ(log_->questions.size(), 1U) << "of a";
}

} // namespace
} // namespace sluice::actors
