// The agenda, where the control log says what has changed.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/agenda.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

/// Noon; windows are told by the hours before (negative) or after.
const std::chrono::sys_seconds noon{
    std::chrono::sys_days{std::chrono::year{2026} / 2 / 20} + 12h};

window hour(int number) {
  return {noon + std::chrono::hours{number},
          noon + std::chrono::hours{number + 1}};
}

topology::gold hourly() {
  topology::gold g;
  g.name = "sales";
  g.window.every = 1h;
  g.on_change = true;
  g.debounce = 5s;
  g.max_staleness = 1min;
  return g;
}

class AgendaChanges : public ::testing::Test {
protected:
  void plan(const topology::gold& g,
            const std::vector<ledger_entry>& ledger = {}) {
    log_ = dirty_windows::make({g}).value();
    read(0, term_begun{"node", "nonce"});
    agenda_ = agenda::plan({g}, ledger, now_).value();
  }
  void read(std::int64_t offset, const control_message& message) {
    log_.obey(offset, message, now_);
  }
  void mark(const window& what) {
    cut_mark cut;
    cut.cut = {"orders", "o", 0, 0, next(), next() + 1};
    cut.golds["sales"] = {{what.start.time_since_epoch().count(),
                           what.end.time_since_epoch().count()}};
    read(next(), cuts_marked{"node", {}, {cut}});
  }
  void request(const window& from, const window& to) {
    read(next(), run_requested{"sales", from.start, to.end, "me"});
  }
  /// The log tells that the run has published.
  void tell(const due_run& run) {
    read(next(), run_finished{"sales", run.what, "id", 0, run.covers});
  }
  std::vector<due_run> take(std::size_t slots = 1) {
    return agenda_->take_due(log_, slots, now_);
  }
  void succeed(const due_run& run) { agenda_->finished(run, 1, now_); }
  void fail(const due_run& run) { agenda_->failed(run, "no memory", now_); }
  std::int64_t next() const { return log_.next(); }

  instant now_ = noon;
  dirty_windows log_ = dirty_windows::make({}).value();
  std::optional<agenda> agenda_;
};

TEST_F(AgendaChanges, AMarkedWindowIsRunOnceItIsQuietAndCoversWhatWasRead) {
  plan(hourly());
  mark(hour(-3));
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(agenda_->next_wake(log_, now_), noon + 5s);
  now_ += 5s;
  EXPECT_THAT(take(),
              testing::ElementsAre(due_run{"sales", hour(-3), 1, "change", 2}));
}

TEST_F(AgendaChanges, ADoneWindowIsNotRunAgainWhileItsFinishIsUnread) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  const auto run = take().at(0);
  succeed(run);
  now_ += 1h;
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(agenda_->next_wake(log_, now_), std::nullopt);
  tell(run);
  EXPECT_THAT(log_.of("sales"), IsEmpty());
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(AgendaChanges, ADoneWindowIsKeptInMindWhileItsFinishIsUnread) {
  plan(hourly());
  for (int number = -100; number < -10; ++number)
    mark(hour(number));
  now_ += 5s;
  std::set<window> ran;
  for (auto due = take(); !due.empty(); due = take()) {
    EXPECT_TRUE(ran.insert(due[0].what).second) << to_string(due[0].what);
    if (ran.size() > 100)
      break;
    succeed(due[0]);
  }
  EXPECT_THAT(ran, SizeIs(90));
}

TEST_F(AgendaChanges, AMarkDuringTheRunMakesAnotherAfterTheDebounce) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  const auto first = take().at(0);
  now_ += 20s;
  mark(hour(-3));
  succeed(first);
  tell(first);
  EXPECT_THAT(take(), IsEmpty()) << "it was changed only just now";
  now_ += 5s;
  const auto second = take();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].covers, next());
}

TEST_F(AgendaChanges, AScheduleTakesUpAMarkDuringItsRunWhenItFiresNext) {
  auto g = hourly();
  g.on_change = false;
  g.trigger = {"every 6h"};
  now_ += 2min;
  plan(g);
  mark(hour(-30));
  now_ = noon + 5h;
  EXPECT_THAT(take(), IsEmpty());
  now_ = noon + 6h;
  auto due = take(100);
  const auto old = std::ranges::find(due, hour(-30), &due_run::what);
  ASSERT_NE(old, due.end());
  EXPECT_EQ(old->trigger, "schedule");
  now_ += 1min;
  mark(hour(-30));
  for (const auto& each : due)
    succeed(each);
  tell(*old);
  now_ += 1h;
  EXPECT_THAT(take(), IsEmpty());
  now_ = noon + 12h;
  due = take(100);
  EXPECT_NE(std::ranges::find(due, hour(-30), &due_run::what), due.end());
}

TEST_F(AgendaChanges, AWindowThatFailedAllAttemptsIsParkedUntilANewMark) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto due = take();
    ASSERT_THAT(due, SizeIs(1)) << attempt;
    EXPECT_EQ(due[0].attempt, attempt);
    fail(due[0]);
    now_ += 5min;
  }
  now_ += 24h;
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(agenda_->next_wake(log_, now_), std::nullopt);
  mark(hour(-3));
  now_ += 5s;
  const auto due = take();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].attempt, 1) << "with all its attempts";
}

TEST_F(AgendaChanges, ARepairDoesNotRunAFailingWindowForEver) {
  plan(hourly());
  int runs = 0;
  for (int minute = 0; minute < 60; ++minute, now_ += 1min) {
    agenda_->request("sales", hour(-3), "repair", now_);
    for (const auto& due : take()) {
      ++runs;
      fail(due);
    }
  }
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(agenda_->windows("sales").at(0).state, window_state::failed);
}

TEST_F(AgendaChanges, ARetryCoversWhatWasReadMeanwhile) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  const auto first = take().at(0);
  mark(hour(-3));
  fail(first);
  now_ += 4min;
  EXPECT_THAT(take(), IsEmpty()) << "a mark does not cut the delay short";
  now_ += 1min;
  const auto second = take();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_EQ(second[0].covers, first.covers + 1);
}

TEST_F(AgendaChanges, WhatWasAskedForIsDoneOnceItIsCovered) {
  auto g = hourly();
  g.on_change = false;
  plan(g);
  request(hour(-3), hour(-3));
  const auto run = take().at(0);
  EXPECT_EQ(run.trigger, "manual");
  mark(hour(-3));
  succeed(run);
  tell(run);
  now_ += 1h;
  EXPECT_THAT(log_.of("sales"), SizeIs(1)) << "still dirty";
  EXPECT_THAT(take(), IsEmpty()) << "but not asked for";
  request(hour(-3), hour(-3));
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_F(AgendaChanges, FreshWindowsComeFirstThenLateOnesThenBackfill) {
  plan(hourly());
  request(hour(-50), hour(-49));
  mark(hour(-20));
  mark(hour(-30));
  mark(hour(-1));
  now_ += 1min;
  std::vector<window> order;
  for (auto due = take(); !due.empty(); due = take()) {
    order.push_back(due[0].what);
    succeed(due[0]);
    tell(due[0]);
  }
  EXPECT_EQ(order, (std::vector{hour(-1), hour(-30), hour(-20), hour(-50),
                                hour(-49)}));
}

TEST_F(AgendaChanges, TenThousandOldWindowsNeverHoldUpTodays) {
  plan(hourly());
  request(hour(-10'010), hour(-11));
  now_ += 1min;
  ASSERT_THAT(log_.of("sales"), SizeIs(10'000));
  auto under_way = take(3);
  EXPECT_THAT(under_way, SizeIs(2)) << "one slot is kept for fresh windows";
  EXPECT_EQ(under_way[0].what, hour(-10'010)) << "oldest first";
  mark(hour(-1));
  now_ += 5s;
  const auto fresh = take(3);
  ASSERT_THAT(fresh, SizeIs(1));
  EXPECT_EQ(fresh[0].what, hour(-1));
  succeed(fresh[0]);
  tell(fresh[0]);
  std::size_t runs = 2;
  while (!under_way.empty()) {
    const auto run = under_way.back();
    under_way.pop_back();
    succeed(run);
    tell(run);
    for (const auto& due : take(3)) {
      under_way.push_back(due);
      ++runs;
    }
    if (runs % 1000 == 0) {
      mark(hour(-1));
      now_ += 5s;
      const auto todays = take(3);
      ASSERT_THAT(todays, SizeIs(1)) << runs;
      ASSERT_EQ(todays[0].what, hour(-1));
      succeed(todays[0]);
      tell(todays[0]);
    }
    if (runs == 3'000)
      return; // the rest is the same, and every look is over all of them
  }
  FAIL() << "only " << runs << " were run";
}

TEST_F(AgendaChanges, ManyRepairsDoNotHoldUpTodaysWindow) {
  plan(hourly());
  for (int number = -500; number < -10; ++number)
    ASSERT_TRUE(agenda_->request("sales", hour(number), "repair", now_));
  EXPECT_THAT(take(2), SizeIs(1));
  mark(hour(-1));
  now_ += 5s;
  const auto due = take(2);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].what, hour(-1));
}

TEST_F(AgendaChanges, FreshWindowsMayTakeAllSlots) {
  plan(hourly());
  mark(hour(-1));
  mark(hour(-2));
  now_ += 5s;
  EXPECT_THAT(take(2), SizeIs(2));
}

TEST_F(AgendaChanges, AMarkedWindowThatIsRunningWaitsForItsEnd) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  ASSERT_THAT(take(8), SizeIs(1));
  mark(hour(-3));
  now_ += 1h;
  EXPECT_THAT(take(8), IsEmpty());
}

TEST_F(AgendaChanges, WithoutASlotNothingIsRun) {
  plan(hourly());
  mark(hour(-3));
  now_ += 5s;
  EXPECT_THAT(take(0), IsEmpty());
  EXPECT_THAT(take(1), SizeIs(1));
}

TEST_F(AgendaChanges, MarksOfALogThatWasMadeAnewAreStillRunOnce) {
  plan(hourly());
  mark(hour(-3));
  log_.begin_anew();
  EXPECT_EQ(log_.next(), 0);
  read(0, term_begun{"node", "other"});
  now_ += 5s;
  const auto due = take();
  ASSERT_THAT(due, SizeIs(1));
  succeed(due[0]);
  tell(due[0]);
  EXPECT_THAT(log_.of("sales"), IsEmpty());
}

} // namespace
} // namespace sluice::gold
