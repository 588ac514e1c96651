// The coordinator and the control log: who leads, what it runs for a mark, and
// what it tells.
#include <algorithm>

#include <gmock/gmock.h>

#include "plan/table_command.hpp"
#include "tests/support/coordinator_test.hpp"

namespace sluice::actors {
namespace {

using clickhouse::remedy;
using gold::run_finished;
using gold::term_begun;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoordinatorLog : public coordinator_test {
protected:
  void start_and_lead(int executors = 1) {
    start("2026-02-20 12:00:00", {on_change()}, executors);
    lead();
    pass(1s);
    ASSERT_THAT(told<term_begun>(), SizeIs(1));
  }
  const gold::window day_ = day_of("2026-02-18");
};

TEST_F(CoordinatorLog, AnElectedNodeWritesItsTermAfterReadingEverything) {
  mark(day_);
  ledger_->holds_state = true;
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(1min);
  EXPECT_EQ(ledger_->state_reads, 1) << "asked for once, however long it takes";
  EXPECT_EQ(log_reads_, 0);
  fulfil(ledger_actor_, ledger_->states.at(0), snapshot_read{{}});
  EXPECT_THAT(told<term_begun>(), IsEmpty()) << "the log is not read yet";
  pass(100ms);
  ASSERT_THAT(told<term_begun>(), SizeIs(1));
  EXPECT_EQ(told<term_begun>()[0].node, "node-1");
  EXPECT_EQ(ledger_->ledger_reads, 0) << "its term is not read back yet";
  pass(1s);
  EXPECT_EQ(ledger_->ledger_reads, 1);
}

TEST_F(CoordinatorLog, RunsAMarkedWindowAndTellsThatItIsFinished) {
  start_and_lead();
  const auto marked = mark(day_);
  pass(4s);
  EXPECT_THAT(runs(), IsEmpty()) << "it may change again";
  pass(2s);
  ASSERT_THAT(runs(), SizeIs(1));
  EXPECT_EQ(runs()[0].request.what, day_);
  EXPECT_EQ(runs()[0].request.trigger, "change");
  pass(1min);
  EXPECT_THAT(told<run_finished>(), IsEmpty()) << "it has not published";
  succeed();
  const auto told_runs = told<run_finished>();
  ASSERT_THAT(told_runs, SizeIs(1));
  EXPECT_EQ(told_runs[0].what, day_);
  EXPECT_EQ(told_runs[0].run_id, runs()[0].request.run_id);
  EXPECT_EQ(told_runs[0].term, 0) << "offset of its term";
  EXPECT_EQ(told_runs[0].covers, marked + 1);
  pass(5min);
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, AFinishCoversOnlyWhatWasReadBeforeTheRun) {
  start_and_lead();
  mark(day_);
  pass(6s);
  ASSERT_THAT(runs(), SizeIs(1));
  const auto during = mark(day_);
  pass(10s);
  succeed();
  EXPECT_EQ(told<run_finished>().at(0).covers, during);
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(2)) << "the second mark is not covered";
}

TEST_F(CoordinatorLog, AFailedRunTellsNothing) {
  start_and_lead();
  mark(day_);
  pass(6s);
  ASSERT_THAT(runs(), SizeIs(1));
  fail();
  pass(10s);
  EXPECT_THAT(told<run_finished>(), IsEmpty());
  pass(5min);
  ASSERT_THAT(runs(), SizeIs(2));
  EXPECT_EQ(runs()[1].request.attempt, 2);
  EXPECT_GT(runs()[1].request.run_id, runs()[0].request.run_id);
}

TEST_F(CoordinatorLog, AnothersTermDeposesItAndALateResultTellsNothing) {
  start_and_lead();
  mark(day_);
  pass(6s);
  ASSERT_THAT(runs(), SizeIs(1));
  tell(term_begun{"node-2", "other"});
  pass(1s);
  lead(false);
  succeed();
  mark(day_);
  pass(5min);
  EXPECT_THAT(told<run_finished>(), IsEmpty());
  EXPECT_THAT(told<term_begun>(), SizeIs(2)) << "its own and the other's";
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, StandsAgainWhenItIsDeposedAndStaysElected) {
  start_and_lead();
  tell(term_begun{"node-2", "of a node that was stopped, and went on"});
  pass(50s);
  EXPECT_THAT(told<term_begun>(), SizeIs(2));
  pass(30s);
  ASSERT_THAT(told<term_begun>(), SizeIs(3));
  EXPECT_EQ(told<term_begun>()[2].node, "node-1");
  EXPECT_NE(told<term_begun>()[2].nonce, told<term_begun>()[0].nonce);
  mark(day_);
  pass(20s);
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, StandsAgainWhenAnothersTermComesBeforeItReadsItsOwn) {
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(100ms);
  ASSERT_THAT(told<term_begun>(), SizeIs(1));
  tell(term_begun{"node-2", "other"});
  pass(1s);
  EXPECT_EQ(ledger_->ledger_reads, 0) << "it does not lead";
  pass(80s);
  EXPECT_THAT(told<term_begun>(), SizeIs(3));
  EXPECT_GE(ledger_->ledger_reads, 1);
}

TEST_F(CoordinatorLog, AnElectionThatIsLostAndWonInARunBeginsAnew) {
  start_and_lead();
  mark(day_);
  pass(6s);
  ASSERT_THAT(runs(), SizeIs(1));
  lead(false);
  lead(true);
  pass(30s);
  ASSERT_THAT(told<term_begun>(), SizeIs(2));
  EXPECT_THAT(runs(), SizeIs(1)) << "its executor is busy";
  succeed();
  EXPECT_THAT(told<run_finished>(), IsEmpty()) << "of a former term";
  pass(1s);
  ASSERT_THAT(runs(), SizeIs(2)) << "so the window is still dirty";
  EXPECT_GT(runs()[1].request.run_id, runs()[0].request.run_id);
  succeed();
  ASSERT_THAT(told<run_finished>(), SizeIs(1));
  EXPECT_EQ(told<run_finished>()[0].term, 2);
}

TEST_F(CoordinatorLog, WaitsForALogThatCannotBeRead) {
  cannot_read_ = "no broker";
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(10min);
  EXPECT_THAT(told<term_begun>(), IsEmpty());
  EXPECT_LT(log_reads_, 60 * 3) << "not in a hurry";
  EXPECT_GT(log_reads_, 10);
  cannot_read_.clear();
  mark(day_);
  pass(1min);
  EXPECT_THAT(told<term_begun>(), SizeIs(1));
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, RepeatsAFinishThatTheLogDoesNotTake) {
  start_and_lead();
  mark(day_);
  pass(6s);
  cannot_append_ = "not enough replicas";
  const auto before = appends_;
  succeed();
  pass(10min);
  EXPECT_THAT(runs(), SizeIs(1)) << "it is done, if nobody knows yet";
  EXPECT_GT(appends_, before + 5);
  EXPECT_LT(appends_, before + 120) << "not in a hurry";
  cannot_append_.clear();
  pass(1min);
  EXPECT_THAT(told<run_finished>(), SizeIs(1));
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, ATermThatIsInTheLogTwiceIsOneTerm) {
  cannot_append_ = "timed out";
  lost_answer_ = true;
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(400ms);
  ASSERT_THAT(told<term_begun>(), SizeIs(1));
  cannot_append_.clear();
  pass(10s);
  ASSERT_THAT(told<term_begun>(), SizeIs(2));
  EXPECT_EQ(told<term_begun>()[0].nonce, told<term_begun>()[1].nonce);
  mark(day_);
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(1));
  succeed();
  pass(10s);
  lead(false);
  lead(true);
  pass(20s);
  EXPECT_THAT(runs(), SizeIs(1)) << "its finish counts";
}

TEST_F(CoordinatorLog, RunsAsManyWindowsAtOnceAsThereAreExecutors) {
  start_and_lead(3);
  for (const auto* text :
       {"2026-02-19", "2026-02-20", "2026-02-16", "2026-02-15", "2026-02-14"})
    mark(day_of(text));
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(3));
  EXPECT_EQ(runs()[0].request.what, day_of("2026-02-19"));
  succeed();
  pass(1s);
  EXPECT_THAT(runs(), SizeIs(3)) << "one is kept for fresh windows";
  succeed();
  pass(1s);
  EXPECT_THAT(runs(), SizeIs(4));
}

TEST_F(CoordinatorLog, GoesOnWhereAPredecessorHasSaved) {
  auto before = gold::dirty_windows::make({on_change()}).value();
  mark(day_);
  before.obey(0, *gold::parse_control_message(topic_->records()[0]).value(),
              at("2026-02-20 11:00:00"));
  ledger_->state = {7, before.next(), before.snapshot()};
  mark(day_of("2026-02-17"));
  start("2026-02-20 12:00:00", {on_change()}, 3);
  lead();
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(2));
  EXPECT_EQ(runs()[0].request.what, day_) << "dirty for longer";
  EXPECT_EQ(runs()[1].request.what, day_of("2026-02-17"));
  EXPECT_GE(gold::term_of(runs()[0].request.run_id), 8)
      << "beyond the term of whoever saved it";
}

TEST_F(CoordinatorLog, ReadsTheWholeLogWhenTheSavedStateIsDamaged) {
  mark(day_);
  ledger_->state = {7, 1, "{\"version\":"};
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(10s);
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(CoordinatorLog, ReadsALogFromItsStartThatWasMadeAnewSinceItWasSaved) {
  auto before = gold::dirty_windows::make({on_change()}).value();
  mark(day_);
  before.obey(5'000, *gold::parse_control_message(topic_->records()[0]).value(),
              at("2026-02-20 11:00:00"));
  ledger_->state = {7, before.next(), before.snapshot()};
  topic_ = std::make_shared<kafka::fake_control_topic>();
  const auto other = day_of("2026-02-17");
  mark(other);
  start("2026-02-20 12:00:00", {on_change()}, 3);
  lead();
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(2)) << "what was dirty stays so";
  succeed();
  succeed();
  pass(1min);
  EXPECT_THAT(runs(), SizeIs(2));
  pass(5min);
  ASSERT_FALSE(ledger_->saved.empty());
  EXPECT_GE(ledger_->saved.back().term, 8) << "it counts more than the old one";
  EXPECT_LT(ledger_->saved.back().position, 100);
}

TEST_F(CoordinatorLog, WaitsForAStateThatCannotBeRead) {
  ledger_->state_error = clickhouse::error{remedy::retry, 0, false, "away"};
  start("2026-02-20 12:00:00", {on_change()});
  lead();
  pass(2min);
  EXPECT_EQ(log_reads_, 0);
  EXPECT_GT(ledger_->state_reads, 3);
  ledger_->state_error.reset();
  pass(1min);
  EXPECT_THAT(told<term_begun>(), SizeIs(1));
}

TEST_F(CoordinatorLog, SavesTheStateEveryFiveMinutesIfThereIsSomethingNew) {
  start_and_lead();
  pass(4min);
  EXPECT_THAT(ledger_->saved, IsEmpty());
  pass(2min);
  ASSERT_THAT(ledger_->saved, SizeIs(1)) << "its own term is new";
  EXPECT_EQ(ledger_->saved[0].position, 1);
  pass(20min);
  EXPECT_THAT(ledger_->saved, SizeIs(1));
  for (int i = 0; i < 10; ++i) {
    mark(day_);
    pass(30s);
  }
  EXPECT_LE(ledger_->saved.size(), 3U);
  pass(5min);
  EXPECT_EQ(ledger_->saved.back().position,
            static_cast<std::int64_t>(topic_->records().size()));
}

TEST_F(CoordinatorLog, SavesAgainWhatCouldNotBeSaved) {
  ledger_->save_error = clickhouse::error{remedy::retry, 0, false, "away"};
  start_and_lead();
  pass(6min);
  ledger_->save_error.reset();
  pass(5min);
  EXPECT_THAT(ledger_->saved, SizeIs(1));
}

TEST_F(CoordinatorLog, AResetOfATableMarksAllWindowsOfItsGoldsOnce) {
  for (const auto* text : {"2026-02-16", "2026-02-18"}) {
    gold::ledger_entry run;
    run.gold = "activity";
    run.what = day_of(text);
    run.state = gold::run_state::done;
    ledger_->entries.push_back(run);
  }
  start_and_lead(3);
  topic_->append(plan::encode(
      plan::table_command{"users", plan::table_verb::reset, "me", 1}));
  pass(70s);
  EXPECT_THAT(runs(), IsEmpty()) << "no gold reads that one";
  topic_->append(plan::encode(
      plan::table_command{"orders", plan::table_verb::reset, "me", 2}));
  pass(70s);
  ASSERT_THAT(runs(), SizeIs(2));
  EXPECT_EQ(runs()[0].request.what, day_of("2026-02-16"));
  EXPECT_EQ(runs()[1].request.what, day_of("2026-02-18"));
  succeed();
  succeed();
  pass(3min);
  EXPECT_THAT(runs(), SizeIs(2));
  const auto marked = [this] {
    return std::ranges::count_if(told<gold::cuts_marked>(),
                                 [](const gold::cuts_marked& each) {
                                   return each.marks.at(0).cut.table == "orders"
                                          && each.marks.at(0).cut.topic.empty();
                                 });
  };
  EXPECT_EQ(marked(), 1);
  lead(false);
  lead(true);
  pass(3min);
  EXPECT_EQ(marked(), 1) << "a successor reads that it is marked";
  EXPECT_THAT(runs(), SizeIs(2));
}

TEST_F(CoordinatorLog, NothingIsSavedWhileAResetIsNotMarked) {
  start_and_lead();
  cannot_append_ = "not enough replicas";
  topic_->append(plan::encode(
      plan::table_command{"orders", plan::table_verb::reset, "me", 1}));
  pass(12min);
  EXPECT_THAT(ledger_->saved, IsEmpty())
      << "a successor would never mark its windows";
  cannot_append_.clear();
  pass(6min);
  EXPECT_THAT(ledger_->saved, SizeIs(1));
}

TEST_F(CoordinatorLog, AWindowThatIsBeingRunIsNotTakenForUnsound) {
  start_and_lead(2);
  mark(day_);
  pass(6s);
  ASSERT_THAT(runs(), SizeIs(1));
  ledger_->unsound = {{"activity", day_}};
  pass(2min);
  succeed();
  pass(10s);
  EXPECT_THAT(runs(), SizeIs(1));
  ledger_->unsound = {{"activity", day_}};
  pass(70s);
  ASSERT_THAT(runs(), SizeIs(2)) << "now it is";
  EXPECT_EQ(runs()[1].request.trigger, "repair");
}

TEST_F(CoordinatorLog, PassesOverWhatIsNoneOfItsRecords) {
  topic_->append("{\"sluice\":1,\"kind\":\"marks\",");
  topic_->append("\xff");
  start_and_lead();
  mark(day_);
  pass(10s);
  EXPECT_THAT(runs(), SizeIs(1));
}

} // namespace
} // namespace sluice::actors
