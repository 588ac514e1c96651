#include "gold/agenda.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

instant at(std::string_view text) { return parse_utc(text).value(); }

window day(std::string_view text) {
  const auto start = parse_utc(text).value();
  return {start, start + days{1}};
}

topology::gold daily(std::string name = "activity") {
  topology::gold g;
  g.name = std::move(name);
  g.trigger = {"@daily"};
  return g;
}

ledger_entry recorded(std::string_view window, run_state state, int attempt = 1,
                      std::string trigger = "@daily") {
  ledger_entry entry;
  entry.gold = "activity";
  entry.what = day(window);
  entry.state = state;
  entry.attempt = attempt;
  entry.trigger = std::move(trigger);
  entry.started_at = instant{entry.what.end};
  entry.duration = 10s;
  entry.error = state == run_state::failed ? "it broke" : "";
  return entry;
}

/// An agenda with a control log in which nothing has changed.
class quiet_agenda {
public:
  quiet_agenda(const std::vector<topology::gold>& golds,
               const std::vector<ledger_entry>& ledger, std::string_view now,
               std::size_t slots = 1)
      : log_{dirty_windows::make(golds).value()},
        agenda_{agenda::plan(golds, ledger, at(now)).value()}, slots_{slots} {}

  std::vector<due_run> take_due(instant now) {
    return agenda_.take_due(log_, slots_, now);
  }
  std::optional<instant> next_wake(instant now) {
    return agenda_.next_wake(log_, now);
  }
  void finished(const due_run& run, std::uint64_t rows, instant now) {
    agenda_.finished(run, rows, now);
  }
  void failed(const due_run& run, std::string reason, instant now) {
    agenda_.failed(run, std::move(reason), now);
  }
  bool request(std::string_view gold, const window& what,
               std::string_view trigger, instant now) {
    return agenda_.request(gold, what, trigger, now);
  }
  auto next_firing(std::string_view gold) { return agenda_.next_firing(gold); }
  auto windows(std::string_view gold) { return agenda_.windows(gold); }

private:
  dirty_windows log_;
  agenda agenda_;
  std::size_t slots_;
};

quiet_agenda plan(const topology::gold& g, std::string_view now,
                  const std::vector<ledger_entry>& ledger = {}) {
  return {{g}, ledger, now};
}

TEST(Agenda, RunsTheDayThatJustEndedAtMidnight) {
  auto a = plan(daily(), "2026-02-20 13:00");
  EXPECT_THAT(a.take_due(at("2026-02-20 23:59:59")), IsEmpty());
  EXPECT_EQ(a.next_wake(at("2026-02-20 13:00")), at("2026-02-21"));
  EXPECT_EQ(a.next_firing("activity"), parse_utc("2026-02-21").value());
  const auto due = a.take_due(at("2026-02-21"));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0], (due_run{"activity", day("2026-02-20"), 1, "@daily"}));
  EXPECT_EQ(a.windows("activity").at(0).state, window_state::running);
}

TEST(Agenda, HandsOutEachRunOnce) {
  auto a = plan(daily(), "2026-02-20 13:00");
  const auto due = a.take_due(at("2026-02-21"));
  EXPECT_THAT(a.take_due(at("2026-02-21")), IsEmpty());
  a.finished(due.at(0), 3, at("2026-02-21 00:01"));
  EXPECT_THAT(a.take_due(at("2026-02-21 00:02")), IsEmpty());
  EXPECT_EQ(a.windows("activity").at(0).rows, 3U);
  EXPECT_EQ(a.windows("activity").at(0).state, window_state::done);
}

TEST(Agenda, RetriesAFailedRunAfterItsDelayAndThenGivesUp) {
  auto a = plan(daily(), "2026-02-20 13:00");
  auto now = at("2026-02-21");
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto due = a.take_due(now);
    ASSERT_THAT(due, SizeIs(1)) << attempt;
    EXPECT_EQ(due[0].attempt, attempt);
    a.failed(due[0], "no memory", now);
    EXPECT_THAT(a.take_due(now + 5min - 1ms), IsEmpty());
    if (attempt < 3) {
      EXPECT_EQ(a.next_wake(now), now + 5min);
      EXPECT_EQ(a.windows("activity").at(0).state, window_state::retrying);
    }
    now += 5min;
  }
  EXPECT_EQ(a.windows("activity").at(0).state, window_state::failed);
  EXPECT_EQ(a.windows("activity").at(0).error, "no memory");
  EXPECT_EQ(a.next_wake(now), at("2026-02-22"));
}

TEST(Agenda, RunsAsManyAtOnceAsThereAreSlotsOverAllGolds) {
  const auto now = at("2026-02-21 13:00");
  quiet_agenda a{
      {daily("activity"), daily("other")}, {}, "2026-02-21 13:00", 2};
  for (const auto* gold : {"activity", "other"})
    for (const auto* of : {"2026-02-20", "2026-02-21"})
      ASSERT_TRUE(a.request(gold, day(of), "manual", now));
  const auto first = a.take_due(now);
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].what, day("2026-02-20"));
  EXPECT_EQ(first[1].what, day("2026-02-20"));
  EXPECT_NE(first[0].gold, first[1].gold);
  EXPECT_THAT(a.take_due(now), IsEmpty());
  a.finished(first[0], 1, now);
  const auto second = a.take_due(now);
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].what, day("2026-02-21"));
}

TEST(Agenda, StartBoundHoldsForSchedulesAndNotForPeople) {
  auto g = daily();
  g.window.start = parse_utc("2026-02-18").value();
  auto a = plan(g, "2026-02-17 13:00");
  EXPECT_THAT(a.take_due(at("2026-02-18")), IsEmpty());
  EXPECT_THAT(a.take_due(at("2026-02-19")), SizeIs(1));
  EXPECT_TRUE(
      a.request("activity", day("2026-01-01"), "manual", at("2026-02-19")));
  EXPECT_THAT(a.windows("activity"), SizeIs(2));
}

TEST(Agenda, WithoutCatchUpSkipsFiringsThatNoNodeSaw) {
  auto a = plan(daily(), "2026-02-25 13:00",
                {recorded("2026-02-20", run_state::done)});
  EXPECT_THAT(a.take_due(at("2026-02-25 13:00")), IsEmpty());
  const auto due = a.take_due(at("2026-02-26"));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].what, day("2026-02-25"));
}

TEST(Agenda, CatchUpRunsEveryWindowWithoutAnEntryOldestFirst) {
  auto g = daily();
  g.catchup = true;
  auto a = plan(g, "2026-02-25 13:00",
                {recorded("2026-02-20", run_state::done),
                 recorded("2026-02-23", run_state::done, 1, "manual")});
  std::vector<std::string> ran;
  for (auto due = a.take_due(at("2026-02-25 13:00")); !due.empty();
       due = a.take_due(at("2026-02-25 13:00"))) {
    EXPECT_EQ(due.at(0).trigger, "catchup");
    ran.push_back(format_utc(due.at(0).what.start).substr(0, 10));
    a.finished(due.at(0), 1, at("2026-02-25 13:00"));
  }
  EXPECT_EQ(ran, (std::vector<std::string>{"2026-02-21", "2026-02-22",
                                           "2026-02-24"}));
}

TEST(Agenda, CatchUpBeginsAtTheStartBoundWhenNothingIsRecorded) {
  auto g = daily();
  g.catchup = true;
  EXPECT_THAT(plan(g, "2026-02-25 13:00").windows("activity"), SizeIs(1));
  g.window.start = parse_utc("2026-02-18").value();
  EXPECT_THAT(plan(g, "2026-02-25 13:00").windows("activity"), SizeIs(7));
}

TEST(Agenda, CatchUpAfterAManualRunOfTheDistantPastStaysSmall) {
  auto g = daily();
  g.catchup = true;
  auto a = plan(g, "2026-02-25 13:00",
                {recorded("2019-01-01", run_state::done, 1, "manual")});
  EXPECT_THAT(a.windows("activity"), SizeIs(2));
}

TEST(Agenda, TakesUpAFailedRunWithAttemptsLeftAfterARestart) {
  const auto last = recorded("2026-02-20", run_state::failed, 1);
  auto a = plan(daily(), "2026-02-21 00:01", {last});
  EXPECT_THAT(a.take_due(at("2026-02-21 00:01")), IsEmpty());
  const auto again = last.started_at + last.duration + 5min;
  EXPECT_EQ(a.next_wake(at("2026-02-21 00:01")), again);
  const auto due = a.take_due(again);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].attempt, 2);
}

TEST(Agenda, TakesUpARunThatWasCutOffAtOnce) {
  auto a = plan(daily(), "2026-02-21 00:01",
                {recorded("2026-02-20", run_state::running, 1)});
  const auto due = a.take_due(at("2026-02-21 00:01"));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].attempt, 2);
}

TEST(Agenda, DoesNotTakeUpWhatHasNoAttemptsLeft) {
  // A window that was cut off again and again may be what stops its nodes.
  for (auto [state, attempt] :
       {std::pair{run_state::failed, 3}, {run_state::running, 6}}) {
    auto a = plan(daily(), "2026-02-21 00:05",
                  {recorded("2026-02-20", state, attempt)});
    EXPECT_THAT(a.take_due(at("2026-02-21 13:00")), IsEmpty());
    EXPECT_EQ(a.windows("activity").at(0).state, window_state::failed);
    EXPECT_NE(a.windows("activity").at(0).error, "");
  }
}

TEST(Agenda, TakesUpWhatWasCutOffThoughItMayNotFailOnce) {
  auto g = daily();
  g.retry.attempts = 0;
  auto a = plan(g, "2026-02-21 00:05",
                {recorded("2026-02-20", run_state::running, 1)});
  EXPECT_THAT(a.take_due(at("2026-02-21 00:05")), SizeIs(1));
}

TEST(Agenda, AFiringBetweenTwoLeadersIsTheNextOnes) {
  auto a = plan(daily(), "2026-02-21 00:00:40", {});
  EXPECT_THAT(a.take_due(at("2026-02-21 00:00:40")), SizeIs(1));
}

TEST(Agenda, AFiringThatTheFormerLeaderHasRunIsNotRunAgain) {
  auto done = recorded("2026-02-20", run_state::done, 1);
  done.trigger = "@daily";
  done.started_at = at("2026-02-21 00:00:01");
  done.duration = 2s;
  auto a = plan(daily(), "2026-02-21 00:00:40", {done});
  EXPECT_THAT(a.take_due(at("2026-02-21 00:00:40")), IsEmpty());
}

TEST(Agenda, PassesOverEntriesOfAnotherWindowLength) {
  auto g = daily();
  g.window.every = 6h;
  EXPECT_THAT(
      plan(g, "2026-02-21 00:01", {recorded("2026-02-20", run_state::running)})
          .windows("activity"),
      IsEmpty());
}

TEST(Agenda, RequestWhileRunningRunsOnceMoreAfterwards) {
  auto a = plan(daily(), "2026-02-20 13:00");
  const auto now = at("2026-02-21");
  const auto first = a.take_due(now).at(0);
  EXPECT_TRUE(a.request("activity", first.what, "manual", now));
  EXPECT_TRUE(a.request("activity", first.what, "manual", now));
  EXPECT_THAT(a.take_due(now), IsEmpty());
  a.finished(first, 1, now);
  const auto second = a.take_due(now);
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].trigger, "manual");
  a.finished(second[0], 1, now);
  EXPECT_THAT(a.take_due(now), IsEmpty());
}

TEST(Agenda, RequestDuringARetryDelayStartsAnewAtOnce) {
  auto a = plan(daily(), "2026-02-20 13:00");
  const auto now = at("2026-02-21");
  a.failed(a.take_due(now).at(0), "no", now);
  EXPECT_TRUE(a.request("activity", day("2026-02-20"), "manual", now));
  EXPECT_EQ(a.take_due(now).at(0).attempt, 1);
}

TEST(Agenda, FiringDuringARetryDelayLeavesTheRetryAsItIs) {
  auto g = daily();
  g.trigger = {"every 1 minute"};
  auto a = plan(g, "2026-02-21 00:00:30");
  const auto now = at("2026-02-21 00:01");
  a.failed(a.take_due(now).at(0), "no", now);
  EXPECT_THAT(a.take_due(now + 1min), IsEmpty());
  EXPECT_EQ(a.take_due(now + 5min).at(0).attempt, 2);
}

TEST(Agenda, RefusesRequestsThatAreNoWindow) {
  auto a = plan(daily(), "2026-02-20 13:00");
  const auto now = at("2026-02-20 13:00");
  EXPECT_FALSE(a.request("unknown", day("2026-02-20"), "manual", now));
  auto shifted = day("2026-02-20");
  shifted.start += 1s;
  EXPECT_FALSE(a.request("activity", shifted, "manual", now));
  EXPECT_FALSE(a.request("activity", day("1969-12-31"), "manual", now));
  EXPECT_FALSE(a.next_firing("unknown"));
  EXPECT_THAT(a.windows("unknown"), IsEmpty());
}

TEST(Agenda, IgnoresReportsThatItDoesNotWaitFor) {
  auto a = plan(daily(), "2026-02-20 13:00");
  const auto now = at("2026-02-21");
  const auto run = a.take_due(now).at(0);
  auto other = run;
  other.attempt = 2;
  a.finished(other, 9, now);
  a.failed({"unknown", run.what, 1, ""}, "x", now);
  a.failed({"activity", day("2020-01-01"), 1, ""}, "x", now);
  EXPECT_EQ(a.windows("activity").at(0).state, window_state::running);
  a.finished(run, 1, now);
  a.failed(run, "late", now);
  EXPECT_EQ(a.windows("activity").at(0).state, window_state::done);
}

TEST(Agenda, SeveralSchedulesOfAGoldDoNotDoubleARun) {
  auto g = daily();
  g.trigger = {"@daily", "0 0 * * *", "every 1 day"};
  auto a = plan(g, "2026-02-20 13:00");
  a.finished(a.take_due(at("2026-02-21")).at(0), 1, at("2026-02-21"));
  EXPECT_THAT(a.take_due(at("2026-02-21")), IsEmpty());
}

TEST(Agenda, AfterAStandstillFiresForEveryWindowMissed) {
  auto a = plan(daily(), "2026-02-20 13:00");
  EXPECT_THAT(a.take_due(at("2026-02-24 09:00")), SizeIs(1));
  EXPECT_THAT(a.windows("activity"), SizeIs(4));
  EXPECT_EQ(a.next_firing("activity"), parse_utc("2026-02-25").value());
}

TEST(Agenda, AfterALongStandstillOfAFastScheduleIsBounded) {
  auto g = daily();
  g.trigger = {"every 1s"};
  g.window.every = 1s;
  auto a = plan(g, "2020-01-01");
  EXPECT_THAT(a.take_due(at("2026-02-24 09:00")), SizeIs(1));
  EXPECT_LE(a.windows("activity").size(), windows_max + 1);
  EXPECT_EQ(a.next_firing("activity"),
            parse_utc("2026-02-24 09:00:01").value());
}

TEST(Agenda, RemembersOnlyTheNewestFinishedWindows) {
  auto a = plan(daily(), "2020-01-01 13:00");
  for (auto now = at("2020-01-02"); now < at("2020-06-01"); now += days{1})
    a.finished(a.take_due(now).at(0), 1, now);
  const auto known = a.windows("activity");
  EXPECT_THAT(known, SizeIs(agenda::statuses_kept + 1))
      << "and the one that has ended since it looked last";
  EXPECT_EQ(known.back().what, day("2020-05-30"));
}

TEST(Agenda, WithoutSchedulesWaitsForPeople) {
  auto g = daily();
  g.trigger.clear();
  g.catchup = true;
  auto a = plan(g, "2026-02-20");
  EXPECT_FALSE(a.next_wake(at("2026-02-20")));
}

TEST(Agenda, RefusesATriggerThatIsNoSchedule) {
  auto g = daily();
  g.trigger = {"@dayly"};
  const auto result = agenda::plan({g}, {}, at("2026-02-20"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("gold activity"));
}

} // namespace
} // namespace sluice::gold
