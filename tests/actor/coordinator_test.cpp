#include "tests/support/coordinator_test.hpp"

namespace sluice::actors {
namespace {

using clickhouse::remedy;

TEST_F(Coordinator, RunsTheDayThatHasJustEndedAtMidnight) {
  start("2026-02-20 23:59:00");
  lead();
  pass(59s);
  EXPECT_TRUE(runs().empty());
  pass(2s);
  ASSERT_EQ(runs().size(), 1U);
  EXPECT_EQ(runs()[0].gold, "activity");
  EXPECT_EQ(gold::to_string(runs()[0].request.what),
            "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
  EXPECT_EQ(runs()[0].request.attempt, 1);
  EXPECT_EQ(runs()[0].request.node, "node-1");
}

TEST_F(Coordinator, DoesNothingWhileItDoesNotLead) {
  start("2026-02-20 23:59:00");
  pass(2min);
  EXPECT_EQ(ledger_->ledger_reads, 0);
  EXPECT_TRUE(runs().empty());
}

TEST_F(Coordinator, TriesAFailedRunTwiceMoreFiveMinutesApart) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  for (const auto attempt : {1, 2}) {
    ASSERT_EQ(runs().size(), static_cast<std::size_t>(attempt));
    fail();
    pass(4min + 50s);
    EXPECT_EQ(runs().size(), static_cast<std::size_t>(attempt));
    pass(20s);
    ASSERT_EQ(runs().size(), static_cast<std::size_t>(attempt) + 1);
    EXPECT_EQ(runs().back().request.attempt, attempt + 1);
  }
  fail();
  pass(20min);
  EXPECT_EQ(runs().size(), 3U) << "then it has failed";
}

TEST_F(Coordinator, EveryAttemptHasARunIdOfItsOwn) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  fail();
  pass(5min + 10s);
  ASSERT_EQ(runs().size(), 2U);
  EXPECT_NE(runs()[0].request.run_id, runs()[1].request.run_id);
}

TEST_F(Coordinator, WaitsForALedgerThatCannotBeRead) {
  ledger_->ledger_error =
      clickhouse::error{remedy::retry, 0, false, "connection refused"};
  start("2026-02-20 23:59:00");
  lead();
  pass(3min);
  EXPECT_GE(ledger_->ledger_reads, 2);
  EXPECT_TRUE(runs().empty());
}

TEST_F(Coordinator, RunsAgainWhatDoesNotShowItsLastRun) {
  const auto day = day_of("2026-02-18");
  ledger_->unsound = {{"activity", day}};
  start("2026-02-20 12:00:00");
  lead();
  pass(1s);
  ASSERT_EQ(runs().size(), 1U);
  EXPECT_EQ(runs().at(0).request.what, day);
  EXPECT_EQ(runs()[0].request.trigger, "repair");
  succeed();
  pass(1min);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(Coordinator, GoesOnWhenTheClockIsSetBack) {
  start("2026-02-20 23:59:50");
  lead();
  pass(1s);
  jump_ = -3h;
  const auto reads = ledger_->ledger_reads;
  pass(3min);
  EXPECT_GE(ledger_->ledger_reads, reads + 2)
      << "the ledger is still looked at";
  EXPECT_TRUE(runs().empty());
  jump_ = 0h;
  pass(30s);
  ASSERT_EQ(runs().size(), 1U) << "midnight comes by the clock";
}

TEST_F(Coordinator, ARetryDoesNotWaitForTheHoursByWhichTheClockWasSetBack) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  ASSERT_EQ(runs().size(), 1U);
  jump_ = 10min;
  fail();
  jump_ = -3h;
  pass(5min + 20s);
  ASSERT_EQ(runs().size(), 2U);
  EXPECT_EQ(runs()[1].request.attempt, 2);
}

TEST_F(Coordinator, ADayThatTheClockEndedTooEarlyIsRunAgainAtItsEnd) {
  start("2026-02-20 23:00:00");
  lead();
  pass(1s);
  jump_ = 2h;
  pass(11s);
  ASSERT_EQ(runs().size(), 1U);
  succeed();
  jump_ = 0h;
  pass(59min);
  EXPECT_EQ(runs().size(), 1U);
  pass(2min);
  ASSERT_EQ(runs().size(), 2U);
  EXPECT_EQ(runs()[1].request.what, runs()[0].request.what);
}

TEST_F(Coordinator, StopsWhenItNoLongerLeads) {
  start("2026-02-20 23:59:00");
  lead();
  lead(false);
  pass(2min);
  EXPECT_TRUE(runs().empty());
}

TEST_F(Coordinator, AnOutcomeThatComesAfterTheLeadIsLostChangesNothing) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  lead(false);
  succeed();
  pass(1min);
  lead(true);
  pass(1s);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(Coordinator, RunsNothingBesideARunOfAFormerElection) {
  start("2026-02-20 12:00:00", {on_change()}, 3);
  lead();
  pass(1s);
  mark(day_of("2026-02-18"));
  pass(6s);
  ASSERT_EQ(runs().size(), 1U);
  lead(false);
  lead(true);
  mark(day_of("2026-02-17"));
  pass(1min);
  EXPECT_EQ(runs().size(), 1U) << "both may replace one month";
  succeed();
  pass(1s);
  EXPECT_EQ(runs().size(), 3U);
}

} // namespace
} // namespace sluice::actors
