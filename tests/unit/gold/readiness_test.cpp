#include "gold/readiness.hpp"

#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;

/// The hour that ends at 10:00 on some day; moments are told from its end.
const std::chrono::sys_seconds end{
    std::chrono::sys_days{std::chrono::year{2026} / 2 / 20} + 10h};
const window hour{end - 1h, end};

class Readiness : public ::testing::Test {
protected:
  Readiness() {
    gold_.window.every = 1h;
    gold_.window.lateness = 10min;
    gold_.debounce = 5s;
    gold_.max_staleness = 1min;
  }

  /// Marked first and last at these moments from the window's end on.
  void marked(std::chrono::milliseconds first, std::chrono::milliseconds last) {
    why_.first_seen = end + first;
    why_.last_seen = end + last;
  }
  std::optional<due_dirt> due(std::chrono::milliseconds now) {
    facts_.now = end + now;
    return due_of(gold_, hour, why_, facts_);
  }
  /// When it is due, from the window's end on; fails the test if never.
  std::chrono::milliseconds due_at(std::chrono::milliseconds now) {
    const auto result = due(now);
    EXPECT_TRUE(result);
    return result ? result->at - end : std::chrono::milliseconds::min();
  }

  topology::gold gold_;
  dirt why_;
  readiness_facts facts_;
};

TEST_F(Readiness, WithoutAWatermarkTheClockClosesAWindowAtItsEndAndLateness) {
  facts_.now = end + 10min - 1ms;
  EXPECT_FALSE(is_closed(gold_, hour, facts_));
  facts_.now = end + 10min;
  EXPECT_TRUE(is_closed(gold_, hour, facts_));
}

TEST_F(Readiness, WhereTheGoldGoesByItOnlyTheWatermarkClosesAWindow) {
  gold_.on_watermark = true;
  facts_.now = end + 24h;
  EXPECT_FALSE(is_closed(gold_, hour, facts_)) << "none is known";
  facts_.watermark = end + 10min - 1s;
  EXPECT_FALSE(is_closed(gold_, hour, facts_));
  facts_.now = end - 24h;
  facts_.watermark = end + 10min;
  EXPECT_TRUE(is_closed(gold_, hour, facts_));
}

TEST_F(Readiness, AClosedWindowIsRunOnceItIsQuiet) {
  gold_.on_change = true;
  marked(1h, 1h + 3s);
  EXPECT_EQ(due_at(1h + 4s), 1h + 8s);
  EXPECT_EQ(due(1h + 4s)->trigger, "change");
}

TEST_F(Readiness, AWindowThatIsNeverQuietIsRunBeforeItIsTooStale) {
  gold_.on_change = true;
  marked(1h, 1h + 58s);
  EXPECT_EQ(due_at(1h + 58s), 1h + 1min);
}

TEST_F(Readiness, AnOpenWindowIsRunWhenItClosesWithoutAnotherMark) {
  gold_.on_change = true;
  marked(-30min, -20min);
  EXPECT_EQ(due_at(-10min), 10min);
  marked(9min + 58s, 9min + 59s);
  EXPECT_EQ(due_at(9min + 59s), 10min + 4s) << "the last rows count too";
  gold_.window.lateness = 0s;
  marked(-30min, -20min);
  EXPECT_EQ(due_at(-10min), 0s);
}

TEST_F(Readiness, AnOpenWindowIsNotRunByTheClockWhereTheWatermarkCloses) {
  gold_.on_watermark = true;
  marked(-30min, -20min);
  EXPECT_FALSE(due(2h));
  facts_.watermark = end + 10min;
  EXPECT_EQ(due_at(2h), -29min) << "at once";
  EXPECT_EQ(due(2h)->trigger, "watermark");
}

TEST_F(Readiness, ALateChangeRunsAWindowThatTheWatermarkHasClosed) {
  gold_.on_watermark = true;
  facts_.watermark = end + 3h;
  marked(3h, 3h);
  EXPECT_EQ(due_at(3h), 3h + 5s);
}

TEST_F(Readiness, AnOpenWindowIsRefreshedAtTheNextFiringAfterItsFirstMark) {
  const auto every =
      schedule::parse("every 1 minute", time_zone::find("UTC").value()).value();
  facts_.refresh = &every;
  marked(-30min + 20s, -29min + 40s);
  EXPECT_EQ(due_at(-29min + 50s), -29min);
  EXPECT_EQ(due(-29min)->trigger, "refresh");
  gold_.on_watermark = true;
  EXPECT_EQ(due_at(-29min), -29min) << "whatever closes it";
}

TEST_F(Readiness, AClosedWindowIsNotRefreshed) {
  const auto every =
      schedule::parse("every 1 minute", time_zone::find("UTC").value()).value();
  facts_.refresh = &every;
  marked(1h, 1h);
  EXPECT_FALSE(due(2h));
}

TEST_F(Readiness, WhatClosesBeforeItsRefreshIsRunThen) {
  const auto rarely =
      schedule::parse("every 6h", time_zone::find("UTC").value()).value();
  facts_.refresh = &rarely;
  gold_.on_change = true;
  marked(-30min, -30min);
  EXPECT_EQ(due_at(-20min), 10min);
  EXPECT_EQ(due(-20min)->trigger, "change");
}

TEST_F(Readiness, AWindowFollowsItsPredecessorOpenOrClosed) {
  why_.follows = true;
  marked(-30min, -30min);
  EXPECT_EQ(due_at(-20min), -30min + 5s);
  EXPECT_EQ(due(-20min)->trigger, "after");
  marked(1h, 1h);
  EXPECT_EQ(due_at(2h), 1h + 5s);
  EXPECT_EQ(due(2h)->trigger, "after");
}

TEST_F(Readiness, AScheduleTakesUpWhatHadChangedWhenItFired) {
  marked(1h, 3h);
  EXPECT_FALSE(due(4h)) << "it has not fired";
  facts_.last_firing = end + 1h - 1ms;
  EXPECT_FALSE(due(4h)) << "nothing had changed then";
  facts_.last_firing = end + 1h;
  EXPECT_EQ(due_at(4h), 1h);
  EXPECT_EQ(due(4h)->trigger, "schedule");
}

TEST_F(Readiness, AScheduleLeavesAnOpenWindowAlone) {
  marked(-30min, -30min);
  facts_.last_firing = end - 20min;
  EXPECT_FALSE(due(-10min));
}

TEST_F(Readiness, WhatSomebodyAsksForIsRunAtOnceWhateverItsState) {
  why_.requested = true;
  for (const auto moment : {-30min, 60min * 24 * 365}) {
    marked(moment, moment);
    const auto result = due(moment);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->at, end + moment);
    EXPECT_EQ(result->rank, run_rank::backfill);
    EXPECT_EQ(result->trigger, "manual");
  }
}

TEST_F(Readiness, TheNewestTwoWindowsAreFresh) {
  EXPECT_EQ(rank_of(hour, end - 30min), run_rank::fresh);
  EXPECT_EQ(rank_of(hour, end + 1h), run_rank::fresh);
  EXPECT_EQ(rank_of(hour, end + 1h + 1ms), run_rank::late);
  gold_.on_change = true;
  marked(1h, 1h);
  EXPECT_EQ(due(1h)->rank, run_rank::fresh);
  EXPECT_EQ(due(2h)->rank, run_rank::late);
}

} // namespace
} // namespace sluice::gold
