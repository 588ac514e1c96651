// The coordinator and a control log whose beginning goes.
#include <gmock/gmock.h>

#include "plan/table_controls.hpp"
#include "tests/support/coordinator_test.hpp"

namespace sluice::actors {
namespace {

using gold::cuts_marked;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoordinatorTrim : public coordinator_test {
protected:
  CoordinatorTrim() { pace_.trim_after = 20; }
  void start_and_lead() {
    start("2026-02-20 12:00:00", {on_change()}, 3);
    lead();
    pass(10s);
  }
  /// As if `window` had been run once.
  void remember(const gold::window& window) {
    gold::ledger_entry run;
    run.gold = "activity";
    run.what = window;
    run.state = gold::run_state::done;
    ledger_->entries.push_back(run);
  }
  /// The state of who had read the log up to its end.
  gold::saved_state state_of_all() {
    auto read = gold::dirty_windows::make({on_change()}).value();
    const auto all = topic_->records();
    for (std::size_t i = 0; i < all.size(); ++i)
      read.obey(static_cast<std::int64_t>(i),
                *gold::parse_control_message(all[i]).value(),
                at("2026-02-20 11:00:00"));
    return {7, read.next(), read.snapshot()};
  }
  [[nodiscard]] std::vector<cuts_marked> marks_of_losses() const {
    auto all = told<cuts_marked>();
    std::erase_if(all, [](const cuts_marked& each) {
      return each.marks.at(0).cut.table != "(control log)";
    });
    return all;
  }
  const gold::window day_ = day_of("2026-02-18");
  const gold::window other_ = day_of("2026-02-17");
};

TEST_F(CoordinatorTrim, TrimsToTheStateBeforeTheNewestOne) {
  start_and_lead();
  for (int i = 0; i < 30; ++i)
    mark(day_);
  pass(6min);
  ASSERT_THAT(ledger_->saved, SizeIs(1));
  EXPECT_THAT(trims_, IsEmpty()) << "a successor may just have read nothing";
  mark(day_);
  pass(6min);
  ASSERT_THAT(ledger_->saved, SizeIs(2));
  EXPECT_THAT(trims_, ElementsAre(ledger_->saved[0].position));
}

TEST_F(CoordinatorTrim, LeavesALogThatIsShort) {
  start_and_lead();
  for (int i = 0; i < 3; ++i) {
    mark(day_);
    pass(6min);
  }
  EXPECT_THAT(ledger_->saved, SizeIs(3));
  EXPECT_THAT(trims_, IsEmpty());
}

TEST_F(CoordinatorTrim, TrimsNothingForAStateThatWasNotSaved) {
  start_and_lead();
  for (int i = 0; i < 30; ++i)
    mark(day_);
  pass(6min);
  ledger_->save_error =
      clickhouse::error{clickhouse::remedy::retry, 0, false, "away"};
  mark(day_);
  pass(20min);
  EXPECT_THAT(trims_, IsEmpty());
  ledger_->save_error.reset();
  pass(20min);
  ASSERT_THAT(ledger_->saved, SizeIs(2));
  EXPECT_THAT(trims_, IsEmpty()) << "the state before was not saved";
}

TEST_F(CoordinatorTrim, ReadsTheStateAgainWhenTheLogIsTrimmedBeyondIt) {
  mark(other_);
  const auto older = state_of_all();
  for (int i = 0; i < 5; ++i)
    mark(day_);
  ledger_->state = state_of_all();
  ASSERT_TRUE(topic_->trim(4));
  ledger_->holds_state = true;
  start("2026-02-20 12:00:00", {on_change()}, 3);
  lead();
  fulfil(ledger_actor_, ledger_->states.at(0), snapshot_read{older});
  pass(1s);
  ASSERT_THAT(ledger_->states, SizeIs(2));
  EXPECT_THAT(told<gold::term_begun>(), IsEmpty());
  fulfil(ledger_actor_, ledger_->states.at(1), snapshot_read{ledger_->state});
  pass(10s);
  ASSERT_THAT(runs(), SizeIs(2)) << "both are in the newer state";
  EXPECT_THAT(marks_of_losses(), IsEmpty());
}

TEST_F(CoordinatorTrim, RunsAllThatWasEverRunWhenNobodyKnowsWhatIsGone) {
  remember(day_);
  remember(other_);
  mark(day_);
  mark(day_);
  ASSERT_TRUE(topic_->trim(2));
  start_and_lead();
  EXPECT_EQ(ledger_->state_reads, 2) << "it looked for a newer state first";
  ASSERT_THAT(marks_of_losses(), SizeIs(1));
  EXPECT_EQ(marks_of_losses()[0].marks[0].cut.lo, 0);
  EXPECT_EQ(marks_of_losses()[0].marks[0].cut.hi, 2);
  ASSERT_THAT(runs(), SizeIs(2));
  succeed();
  succeed();
  pass(10min);
  EXPECT_THAT(runs(), SizeIs(2)) << "once";
  EXPECT_THAT(marks_of_losses(), SizeIs(1));
}

TEST_F(CoordinatorTrim, SavesNothingUntilALossIsMarked) {
  remember(day_);
  mark(day_);
  ASSERT_TRUE(topic_->trim(1));
  start_and_lead();
  ASSERT_THAT(marks_of_losses(), SizeIs(1));
  lead(false);
  // Another loss, of which the log cannot be told.
  mark(day_);
  const auto end = static_cast<std::int64_t>(topic_->records().size());
  ASSERT_TRUE(topic_->trim(end));
  lead();
  pass(200ms);
  cannot_append_ = "not enough replicas";
  pass(12min);
  EXPECT_THAT(ledger_->saved, IsEmpty()) << "a successor would not know of it";
  cannot_append_.clear();
  pass(6min);
  EXPECT_THAT(ledger_->saved, SizeIs(1));
  EXPECT_THAT(marks_of_losses(), SizeIs(2));
}

TEST_F(CoordinatorTrim, AResetThatIsRestatedIsNotMarkedAgain) {
  remember(day_);
  plan::table_controls told_of;
  ASSERT_TRUE(told_of.obey(0, {},
                           plan::encode(plan::table_command{
                               "orders", plan::table_verb::reset, "me", 2})));
  topic_->append(told_of.restate(0));
  start_and_lead();
  pass(3min);
  EXPECT_THAT(runs(), IsEmpty());
}

} // namespace
} // namespace sluice::actors
