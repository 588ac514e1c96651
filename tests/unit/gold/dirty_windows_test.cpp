#include "gold/dirty_windows.hpp"

#include <gmock/gmock.h>

#include "tests/unit/gold/orders_log.hpp"

namespace sluice::gold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DirtyWindows : public ::testing::Test {
protected:
  /// The next record of the log; its offset.
  std::int64_t read(const control_message& message, instant when = now) {
    const auto offset = windows_.next();
    windows_.obey(offset, message, when);
    return offset;
  }

  /// Hours that are dirty.
  std::vector<std::int64_t> dirty(const std::string& gold = "sales") const {
    std::vector<std::int64_t> result;
    for (const auto& [what, why] : windows_.of(gold))
      result.push_back((what.start.time_since_epoch().count() - midnight)
                       / hour);
    return result;
  }

  dirty_windows windows_ = made({hourly("sales")});
};

// -- runs ---------------------------------------------------------------------

TEST_F(DirtyWindows, AMarkMakesTheWindowsOfItsRangesDirty) {
  read(mark(cut(0, 1),
            {{"sales",
              {{midnight, midnight + 1},
               {midnight + 3 * hour - 1, midnight + 3 * hour + 1}}}}));
  EXPECT_THAT(dirty(), ElementsAre(0, 2, 3));
}

TEST_F(DirtyWindows, ARunThatCoversTheMarkMakesItsWindowClean) {
  const auto term = read(term_begun{"a", "n"});
  const auto marked = read(mark(cut(0, 1), hours(0, 2)));
  read(run(0, term, marked + 1));
  EXPECT_THAT(dirty(), ElementsAre(1));
}

TEST_F(DirtyWindows, ARunThatCoversLessLeavesItsWindowDirty) {
  const auto term = read(term_begun{"a", "n"});
  const auto first = read(mark(cut(0, 1), hours(0, 1)));
  read(mark(cut(1, 2), hours(0, 1)));
  read(run(0, term, first + 1));
  EXPECT_THAT(dirty(), ElementsAre(0));
  read(run(0, term, first + 2));
  EXPECT_THAT(dirty(), IsEmpty());
}

TEST_F(DirtyWindows, AMarkAfterTheRunMakesItsWindowDirtyAgain) {
  const auto term = read(term_begun{"a", "n"});
  const auto marked = read(mark(cut(0, 1), hours(0, 1)));
  read(run(0, term, marked + 1));
  read(mark(cut(1, 2), hours(0, 1)));
  EXPECT_THAT(dirty(), ElementsAre(0));
}

TEST_F(DirtyWindows, ARunOfAnEarlierTermIsPassedOver) {
  const auto marked = read(mark(cut(0, 1), hours(0, 1)));
  read(run(0, 0, marked + 1));
  EXPECT_EQ(windows_.stale_runs(), 1U) << "nobody has led yet";
  const auto old = read(term_begun{"a", "1"});
  const auto term = read(term_begun{"b", "2"});
  read(run(0, old, marked + 1));
  EXPECT_THAT(dirty(), ElementsAre(0));
  EXPECT_EQ(windows_.stale_runs(), 2U);
  EXPECT_EQ(windows_.leader(), (leader_term{term, "b", "2"}));
  read(run(0, term, marked + 1));
  EXPECT_THAT(dirty(), IsEmpty());
}

TEST_F(DirtyWindows, ARunOfWhatIsNoWindowIsPassedOver) {
  const auto term = read(term_begun{"a", "n"});
  read(mark(cut(0, 1), hours(0, 2)));
  auto finished = run(0, term, 100);
  finished.what = hour_window(0, 2);
  read(finished);
  read(run(0, term, 100, "another gold"));
  EXPECT_THAT(dirty(), ElementsAre(0, 1));
}

TEST_F(DirtyWindows, GoldsThatFollowAreDirtyWhenARunHasFinished) {
  auto daily = hourly("daily");
  daily.window.every = days{1};
  daily.after = {"sales"};
  auto third = hourly("third");
  third.after = {"daily", "no longer there"};
  windows_ = made({hourly("sales"), daily, third});
  const auto term = read(term_begun{"a", "n"});
  const auto finished = read(run(3, term, 0));
  EXPECT_THAT(dirty(), IsEmpty());
  EXPECT_THAT(dirty("daily"), ElementsAre(0));
  EXPECT_EQ(windows_.of("daily").begin()->second,
            (dirt{finished, now, now, false, true}));
  EXPECT_THAT(dirty("third"), IsEmpty());
  auto whole_day = run(0, term, finished + 1, "daily");
  whole_day.what = hour_window(0, 24);
  read(whole_day);
  EXPECT_THAT(dirty("daily"), IsEmpty());
  EXPECT_EQ(dirty("third").size(), 24U);
}

TEST_F(DirtyWindows, ARunOfAnEarlierTermMakesNoFollowerDirty) {
  auto after = hourly("after");
  after.after = {"sales"};
  windows_ = made({hourly("sales"), after});
  read(run(3, 7, 0));
  EXPECT_THAT(dirty("after"), IsEmpty());
}

TEST_F(DirtyWindows, ARequestMakesItsWindowsDirtyWhateverTheirState) {
  const auto term = read(term_begun{"a", "n"});
  const auto asked = read(
      run_requested{"sales", hour_window(0).start, hour_window(1).end, "me"});
  EXPECT_THAT(dirty(), ElementsAre(0, 1));
  EXPECT_TRUE(windows_.of("sales").begin()->second.requested);
  read(run(0, term, asked));
  EXPECT_THAT(dirty(), ElementsAre(0, 1)) << "begun before it was asked for";
  read(run(0, term, asked + 1));
  EXPECT_THAT(dirty(), ElementsAre(1));
}

TEST_F(DirtyWindows, ARequestStaysOneWhenAMarkFollows) {
  read(run_requested{"sales", hour_window(0).start, hour_window(0).end, "me"});
  const auto marked = read(mark(cut(0, 1), hours(0, 1)), now + 5s);
  EXPECT_EQ(windows_.of("sales").at(hour_window(0)),
            (dirt{marked, now, now + 5s, true, false}));
}

TEST_F(DirtyWindows, ARequestForNothingOrForOtherTimesMakesNothingDirty) {
  read(run_requested{"sales", hour_window(1).start, hour_window(1).start, ""});
  read(run_requested{"sales", hour_window(2).start, hour_window(1).start, ""});
  read(run_requested{"unknown", hour_window(0).start, hour_window(1).end, ""});
  read(run_requested{"sales", sys_seconds{-90'000s}, sys_seconds{-1s}, ""});
  EXPECT_THAT(dirty(), IsEmpty()) << "DateTime begins in 1970";
}

// -- notes --------------------------------------------------------------------

TEST_F(DirtyWindows, ANoteCountsOnlyFromTheMarkOfItsCut) {
  const auto term = read(term_begun{"a", "n"});
  read(note(cut(0, 10), hours(0, 1)));
  EXPECT_THAT(dirty(), IsEmpty());
  EXPECT_EQ(windows_.noted(), 1U);
  read(mark(cut(10, 20), hours(5, 6)));
  read(mark(cut(0, 10, 0, 1), hours(5, 6)));
  EXPECT_THAT(dirty(), ElementsAre(5)) << "marks of other cuts";
  const auto covered = windows_.next();
  const auto marked = read(mark(cut(0, 10), {}));
  EXPECT_THAT(dirty(), ElementsAre(0, 5));
  EXPECT_EQ(windows_.noted(), 0U);
  read(run(0, term, covered));
  EXPECT_THAT(dirty(), ElementsAre(0, 5)) << "it has read no mark";
  read(run(0, term, marked + 1));
  EXPECT_THAT(dirty(), ElementsAre(5));
}

TEST_F(DirtyWindows, NotesOfOneCutAddUp) {
  read(note(cut(0, 10), hours(0, 1)));
  read(note(cut(0, 10), hours(3, 4)));
  EXPECT_EQ(windows_.noted(), 1U);
  read(mark(cut(0, 10), {}));
  EXPECT_THAT(dirty(), ElementsAre(0, 3));
}

TEST_F(DirtyWindows, AMarkThatComesTwiceMakesItsOwnWindowsDirtyTwice) {
  const auto term = read(term_begun{"a", "n"});
  read(note(cut(0, 10), hours(0, 1)));
  read(mark(cut(0, 10), hours(1, 2)));
  read(run(0, term, windows_.next()));
  read(run(1, term, windows_.next()));
  EXPECT_THAT(dirty(), IsEmpty());
  read(mark(cut(0, 10), hours(1, 2)));
  EXPECT_THAT(dirty(), ElementsAre(1)) << "what was noted has been run";
}

TEST_F(DirtyWindows, ANoteOfAFormerOwnerCountsFromTheReplaysMark) {
  read(note(cut(0, 10), hours(0, 1)));
  read(note(cut(0, 10), hours(2, 3)));
  read(mark(cut(0, 10), hours(4, 5)));
  EXPECT_THAT(dirty(), ElementsAre(0, 2, 4));
}

TEST_F(DirtyWindows, ACutWithOtherEndsSettlesWhatItOverlaps) {
  read(note(cut(100, 200), hours(0, 1)));
  read(note(cut(200, 300), hours(1, 2)));
  read(note(cut(300, 400), hours(2, 3)));
  read(mark(cut(199, 300), {}));
  EXPECT_THAT(dirty(), ElementsAre(0, 1));
  EXPECT_EQ(windows_.noted(), 1U);
}

TEST_F(DirtyWindows, ACutOfALaterEpochSettlesWhatEarlierOnesHaveNoted) {
  read(note(cut(100, 200, 1), hours(0, 1)));
  read(note(cut(100, 200, 3), hours(1, 2)));
  read(mark(cut(0, 10, 2), {}));
  EXPECT_THAT(dirty(), ElementsAre(0));
  EXPECT_EQ(windows_.noted(), 1U);
  auto other = cut(0, 10, 9);
  other.table = "users";
  read(mark(other, {}));
  other.table = "orders";
  other.topic = "another";
  read(mark(other, {}));
  EXPECT_EQ(windows_.noted(), 1U);
}

// -- bounds -------------------------------------------------------------------

TEST_F(DirtyWindows, TimesThatNoWindowTakesTouchNothing) {
  const auto oldest = topology::gold_window{}.oldest.time_since_epoch().count();
  read(mark(cut(0, 1), {{"sales", {{0, oldest}}}}));
  read(mark(
      cut(1, 2),
      {{"sales", {{midnight + days{40} / 1s, midnight + days{99} / 1s}}}}));
  EXPECT_THAT(dirty(), IsEmpty());
  read(mark(cut(2, 3), {{"sales", {{oldest - 1, oldest + 1}}}}));
  ASSERT_EQ(windows_.of("sales").size(), 1U);
  EXPECT_EQ(windows_.of("sales").begin()->first.start,
            topology::gold_window{}.oldest);
}

TEST_F(DirtyWindows, ARangeIntoTheFutureEndsWhereTheBoundsDo) {
  read(mark(cut(0, 1), {{"sales", {{midnight, 1LL << 34U}}}}));
  // Ten hours until now, a day ahead, and a day for clocks that differ.
  EXPECT_EQ(windows_.of("sales").size(), 10U + 24U + 24U);
}

TEST_F(DirtyWindows, AGoldThatIsNotInTheTopologyIsPassedOver) {
  read(mark(cut(0, 1), hours(0, 1, "gone"), {{"gone", midnight}}));
  read(note(cut(1, 2), hours(0, 1, "gone")));
  read(mark(cut(1, 2), {}));
  EXPECT_THAT(dirty(), IsEmpty());
  EXPECT_EQ(windows_.next(), 3);
}

TEST_F(DirtyWindows, HoppingWindowsAreDirtyTogether) {
  windows_ = made({hourly("sales", 1h)});
  read(mark(cut(0, 1), hours(5, 6)));
  EXPECT_THAT(dirty(), ElementsAre(2, 3, 4, 5));
  const auto term = read(term_begun{"a", "n"});
  auto finished = run(3, term, windows_.next());
  finished.what = hour_window(3, 4);
  read(finished);
  EXPECT_THAT(dirty(), ElementsAre(2, 4, 5));
}

TEST_F(DirtyWindows, AGoldOfAnUnknownZoneIsRefusedByName) {
  auto gold = hourly("sales");
  gold.timezone = "Europe/Atlantis";
  const auto refused = dirty_windows::make({gold});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("gold sales: "));
}

// -- watermarks ---------------------------------------------------------------

TEST_F(DirtyWindows, TheWatermarkIsThatOfTheSlowestPartition) {
  EXPECT_EQ(windows_.watermark("sales", now), std::nullopt);
  read(mark(cut(0, 1, 0, 0), {}, {{"sales", midnight + 500}}));
  read(mark(cut(0, 1, 0, 1), {}, {{"sales", midnight + 100}}));
  EXPECT_EQ(windows_.watermark("sales", now),
            sys_seconds{seconds{midnight + 100}});
  read(mark(cut(1, 2, 0, 1), {}, {{"sales", midnight + 50}}));
  EXPECT_EQ(windows_.watermark("sales", now),
            sys_seconds{seconds{midnight + 100}})
      << "it never goes back";
}

TEST_F(DirtyWindows, AnIdlePartitionDoesNotHoldTheWatermarkBack) {
  read(mark(cut(0, 1, 0, 0), {}, {{"sales", midnight + 500}}), now + 30s);
  read(mark(cut(0, 1, 0, 1), {}, {{"sales", midnight + 100}}), now);
  EXPECT_EQ(windows_.watermark("sales", now + 59s),
            sys_seconds{seconds{midnight + 100}});
  EXPECT_EQ(windows_.watermark("sales", now + 60s),
            sys_seconds{seconds{midnight + 500}});
  EXPECT_EQ(windows_.watermark("sales", now + 24h),
            sys_seconds{seconds{midnight + 500}})
      << "all are idle: the greatest";
  read(mark(cut(1, 2, 0, 1), {}, {{"sales", midnight + 200}}), now + 24h);
  EXPECT_EQ(windows_.watermark("sales", now + 24h),
            sys_seconds{seconds{midnight + 200}});
}

TEST_F(DirtyWindows, AnEventTimeOutOfBoundsDoesNotCarryTheWatermarkAway) {
  read(mark(cut(0, 1), {}, {{"sales", 1LL << 34U}}));
  EXPECT_LE(windows_.watermark("sales", now),
            std::chrono::floor<seconds>(now) + days{2});
}

} // namespace
} // namespace sluice::gold
