// Of the table that has the event times.
#include "marks/cut_touches.hpp"

#include "tests/unit/marks/cut_under_test.hpp"

namespace sluice::marks {
namespace {

using gold::time_range;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const std::vector<feed> over{feed_of()};

time_range hours(std::int64_t first, std::int64_t last) {
  return {midnight + first * hour, midnight + last * hour};
}

TEST(CutTouches, ACreatedRowTouchesItsWindowAndReplacesNothing) {
  const auto got = cut_under_test{orders()}
                       .row(operation::create, 1, 5)
                       .row(operation::create, 2, 5)
                       .row(operation::create, 3, 9)
                       .touches(over);
  EXPECT_THAT(got.known, ElementsAre(Pair(
                             "sales", ElementsAre(hours(5, 6), hours(9, 10)))));
  EXPECT_THAT(got.newest, ElementsAre(Pair("sales", midnight + 9 * hour)));
  EXPECT_THAT(got.before, IsEmpty());
  EXPECT_THAT(got.after, IsEmpty());
  EXPECT_FALSE(got.replaces_rows);
  EXPECT_FALSE(got.waits_for_earlier);
}

TEST(CutTouches, RowsThatReplaceOthersAskWhereThoseAre) {
  for (const auto what : {operation::read, operation::update}) {
    const auto got = cut_under_test{orders()}
                         .row(operation::create, 1, 5)
                         .row(what, 9, 6)
                         .row(what, 4, 6)
                         .row(what, 4, 6)
                         .touches(over);
    EXPECT_THAT(got.known,
                ElementsAre(Pair("sales", ElementsAre(hours(5, 7)))));
    EXPECT_THAT(sql_of(got.before),
                ElementsAre(AllOf(HasSubstr("SETTINGS final = 1"),
                                  HasSubstr("`id` IN (4,9)"))));
    EXPECT_THAT(got.after, IsEmpty());
    EXPECT_TRUE(got.replaces_rows);
    EXPECT_FALSE(got.waits_for_earlier) << "earlier cuts' times are known";
  }
}

TEST(CutTouches, ARemovedRowTouchesOnlyWhatItLeaves) {
  const auto got =
      cut_under_test{orders()}.row(operation::remove, 4, 0).touches(over);
  EXPECT_THAT(got.known, IsEmpty()) << "it has no time, whatever is there";
  EXPECT_THAT(got.newest, IsEmpty());
  EXPECT_THAT(sql_of(got.before), ElementsAre(HasSubstr("`id` IN (4)")));
  EXPECT_TRUE(got.replaces_rows);
}

TEST(CutTouches, InALaterEpochACreatedRowMayReplaceOthers) {
  const auto got = cut_under_test{orders()}
                       .epoch(1)
                       .row(operation::create, 1, 5)
                       .touches(over);
  EXPECT_THAT(sql_of(got.before), ElementsAre(HasSubstr("`id` IN (1)")));
  EXPECT_TRUE(got.replaces_rows);
}

TEST(CutTouches, ARowOfAnAppendTableReplacesNothing) {
  auto table = orders();
  table.mode = topology::table_mode::append;
  table.order_by = {"id"};
  for (const auto what : {operation::create, operation::read}) {
    const auto got =
        cut_under_test{table}.epoch(2).row(what, 1, 5).touches(over);
    EXPECT_THAT(got.known, SizeIs(1));
    EXPECT_THAT(got.before, IsEmpty());
    EXPECT_FALSE(got.replaces_rows);
  }
}

TEST(CutTouches, OfAReplayedCutSilverKnowsRowsThatAreNotHere) {
  auto got = cut_under_test{orders()}
                 .row(operation::create, 1, 5)
                 .replayed()
                 .touches(over);
  EXPECT_THAT(got.known, SizeIs(1));
  EXPECT_THAT(
      sql_of(got.after),
      ElementsAre(AllOf(HasSubstr("`_offset` >= 100 AND `_offset` < 101"),
                        HasSubstr("`_partition` = 3"))));
  got = cut_under_test{orders()}.gap().replayed().touches(over);
  EXPECT_THAT(got.known, IsEmpty());
  EXPECT_THAT(got.after, SizeIs(1)) << "though it has no row here";
}

TEST(CutTouches, AComputedTimeIsKnownToSilverOnly) {
  auto table = orders();
  table.columns[2].computed = "now()";
  auto got =
      cut_under_test{table}.gap().row(operation::create, 1).touches(over);
  EXPECT_THAT(got.known, IsEmpty());
  EXPECT_THAT(sql_of(got.after),
              ElementsAre(HasSubstr("`_offset` >= 100 AND `_offset` < 102")));
  EXPECT_FALSE(got.waits_for_earlier);
  got = cut_under_test{table}.row(operation::update, 1).touches(over);
  EXPECT_THAT(got.before, SizeIs(1));
  EXPECT_THAT(got.after, SizeIs(1));
  EXPECT_TRUE(got.waits_for_earlier)
      << "where earlier cuts have put the row is known when they are there";
  got = cut_under_test{table}.gap().touches(over);
  EXPECT_THAT(got.after, IsEmpty()) << "without rows there is nothing to ask";
}

TEST(CutTouches, AColumnThatIsNoTimeIsSilversToRead) {
  auto table = orders();
  table.columns[2].type = "Int64";
  const auto got =
      cut_under_test{table}.row(operation::create, 1, 5).touches(over);
  EXPECT_THAT(got.known, IsEmpty());
  EXPECT_THAT(got.after, SizeIs(1));
}

TEST(CutTouches, TimesOutOfBoundsAreCountedAndTouchNothing) {
  const auto got = cut_under_test{orders()}
                       .row(operation::create, 1, -midnight / hour)
                       .row(operation::create, 2, 1'000)
                       .row(operation::create, 3, 5)
                       .row(operation::create, 4, std::nullopt)
                       .touches(over);
  EXPECT_THAT(got.outside, ElementsAre(Pair("sales", 2)));
  EXPECT_THAT(got.known, ElementsAre(Pair("sales", ElementsAre(hours(5, 6)))));
  EXPECT_THAT(got.newest, ElementsAre(Pair("sales", midnight + 5 * hour)));
}

TEST(CutTouches, ARowWithoutATimeTouchesOnlyWhatItLeaves) {
  const auto got = cut_under_test{orders()}
                       .row(operation::update, 1, std::nullopt)
                       .touches(over);
  EXPECT_THAT(got.known, IsEmpty());
  EXPECT_THAT(got.outside, IsEmpty());
  EXPECT_THAT(got.before, SizeIs(1));
}

TEST(CutTouches, ADateIsMidnightInTheGoldsZone) {
  auto table = orders();
  table.columns[2].type = "Date";
  topology::gold gold = over[0].gold;
  gold.window.unit = topology::window_unit::day;
  gold.timezone = "Europe/Berlin";
  const feed berlin{gold, gold::window_rule::make(gold).value(), std::nullopt};
  const auto got =
      cut_under_test{table}.row(operation::create, 1, 5).touches({berlin});
  EXPECT_THAT(got.known,
              ElementsAre(Pair("sales", ElementsAre(hours(-1, 23)))));
}

TEST(CutTouches, OfTicksSecondsCount) {
  auto table = orders();
  table.columns[2].type = "DateTime64(3)";
  const auto got =
      cut_under_test{table}.row(operation::create, 1, 5).touches(over);
  EXPECT_THAT(got.known, ElementsAre(Pair("sales", ElementsAre(hours(5, 6)))));
}

TEST(CutTouches, ManyKeysAreAskedForInSeveralQuestions) {
  cut_under_test cut{orders()};
  for (int i = 0; i < 25'000; ++i)
    cut.row(operation::update, i, 1);
  const auto got = cut.touches(over);
  ASSERT_THAT(got.before, SizeIs(3));
  std::size_t commas = 0;
  for (const auto& each : sql_of(got.before))
    commas += static_cast<std::size_t>(
        std::ranges::count(each.substr(each.find("`id` IN")), ','));
  EXPECT_EQ(commas, 25'000U - 3U);
}

TEST(CutTouches, EveryGoldIsToldItsOwn) {
  auto daily = feed_of();
  daily.gold.name = "daily";
  daily.gold.window.every = std::chrono::days{1};
  daily.rule = gold::window_rule::make(daily.gold).value();
  const auto got = cut_under_test{orders()}
                       .row(operation::update, 1, 5)
                       .touches({over[0], daily});
  EXPECT_THAT(got.known, ElementsAre(Pair("daily", ElementsAre(hours(0, 24))),
                                     Pair("sales", ElementsAre(hours(5, 6)))));
  EXPECT_THAT(got.before, SizeIs(2));
  EXPECT_EQ(got.before[0].gold, "sales");
  EXPECT_EQ(got.before[1].gold, "daily");
}

TEST(CutTouches, ATableThatFeedsNoGoldTouchesNothing) {
  const auto got = cut_under_test{orders()}
                       .row(operation::update, 1, 5)
                       .replayed()
                       .touches({});
  EXPECT_THAT(got.known, IsEmpty());
  EXPECT_THAT(got.before, IsEmpty());
  EXPECT_THAT(got.after, IsEmpty());
  EXPECT_FALSE(is_followed({}));
  EXPECT_TRUE(is_followed(over));
}

} // namespace
} // namespace sluice::marks
