// cut_touches: of a table that golds join to the one with the event times.
#include "tests/unit/marks/cut_under_test.hpp"

namespace sluice::marks {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// customers(id, customer): joined by its key, or by `customer`, which is none.
topology::table customers() {
  auto result = orders();
  result.name = "customers";
  result.columns.pop_back();
  return result;
}

std::vector<feed> by_key(on_join appears, on_join changes) {
  return {feed_of("customers", "id", appears, changes)};
}

std::vector<feed> by_value(on_join appears, on_join changes) {
  return {feed_of("customers", "customer", appears, changes)};
}

constexpr auto rerun = on_join::rerun;
constexpr auto next_run = on_join::next_run;

TEST(JoinedCutTouches, ARowThatAppearsOrGoesIsAskedForByItsKey) {
  for (const auto what :
       {operation::create, operation::read, operation::remove}) {
    const auto got = cut_under_test{customers()}
                         .row(what, 8)
                         .row(operation::update, 9)
                         .touches(by_key(rerun, next_run));
    EXPECT_THAT(got.known, IsEmpty());
    EXPECT_THAT(got.before, IsEmpty()) << "the key is what it was before";
    EXPECT_THAT(sql_of(got.after),
                ElementsAre(AllOf(HasSubstr("`customer` IN (8)"),
                                  Not(HasSubstr("`shop`.`customers`")))))
        << "whether silver has the row still or not";
    EXPECT_FALSE(got.replaces_rows);
    EXPECT_FALSE(got.waits_for_earlier);
  }
}

TEST(JoinedCutTouches, AChangedRowCountsWhereTheGoldWantsIt) {
  auto got = cut_under_test{customers()}
                 .row(operation::update, 8)
                 .touches(by_key(rerun, next_run));
  EXPECT_THAT(got.after, IsEmpty());
  got = cut_under_test{customers()}
            .row(operation::update, 8)
            .row(operation::update, 8)
            .touches(by_key(next_run, rerun));
  EXPECT_THAT(sql_of(got.after), ElementsAre(HasSubstr("`customer` IN (8)")));
}

TEST(JoinedCutTouches, AFilterMayMakeAChangedRowAppear) {
  auto table = customers();
  table.filter = "customer > 3";
  const auto got = cut_under_test{table}
                       .row(operation::update, 8)
                       .touches(by_key(rerun, next_run));
  EXPECT_THAT(got.after, SizeIs(1));
}

TEST(JoinedCutTouches, NothingIsAskedForAGoldThatTakesItAtItsNextRun) {
  const auto feeds = by_value(next_run, next_run);
  EXPECT_FALSE(is_followed(feeds));
  const auto got = cut_under_test{customers()}
                       .row(operation::create, 8)
                       .row(operation::update, 8)
                       .row(operation::remove, 8)
                       .replayed()
                       .touches(feeds);
  EXPECT_THAT(got.before, IsEmpty());
  EXPECT_THAT(got.after, IsEmpty());
  EXPECT_TRUE(is_followed(by_key(next_run, rerun)));
  EXPECT_TRUE(is_followed(by_key(rerun, next_run)));
}

TEST(JoinedCutTouches, MoreKeysThanAQuestionHasAreAskedForByTheirOffsets) {
  cut_under_test cut{customers()};
  for (int i = 0; i < 10'001; ++i)
    cut.row(operation::create, i);
  const auto got = cut.touches(by_key(rerun, next_run));
  EXPECT_THAT(sql_of(got.after),
              ElementsAre(AllOf(HasSubstr("FROM `shop`.`customers` WHERE"),
                                HasSubstr("`_offset` >= 100 AND `_offset` < "
                                          "9223372036854775807"))));
}

TEST(JoinedCutTouches, OfAReplayedCutWhateverSilverHasIsAskedFor) {
  const auto stored = AllOf(HasSubstr("FROM `shop`.`customers` WHERE"),
                            HasSubstr("`_offset` >= 100"));
  for (const auto& feeds : {by_key(rerun, next_run), by_value(rerun, rerun)}) {
    const auto got = cut_under_test{customers()}
                         .row(operation::create, 8)
                         .gap()
                         .replayed()
                         .touches(feeds);
    EXPECT_THAT(got.before, IsEmpty());
    EXPECT_THAT(sql_of(got.after), Contains(stored));
    EXPECT_THAT(
        cut_under_test{customers()}.gap().replayed().touches(feeds).after,
        SizeIs(1))
        << "though it has no row here";
  }
}

// -- joined by a column that is not in the key --------------------------------

TEST(JoinedCutTouches, ACreatedRowIsAskedForByWhatItIsJoinedTo) {
  const auto got = cut_under_test{customers()}
                       .row(operation::create, 8)
                       .touches(by_value(rerun, next_run));
  EXPECT_THAT(got.before, IsEmpty());
  EXPECT_THAT(sql_of(got.after), ElementsAre(HasSubstr("`customer` IN (7)")));
  EXPECT_FALSE(got.waits_for_earlier);
}

TEST(JoinedCutTouches, ARowThatALaterOneOfTheCutReplacesIsAskedForToo) {
  for (const auto replayed : {false, true}) {
    cut_under_test cut{customers()};
    cut.row(operation::create, 8, 0, 5).row(operation::update, 8, 0, 6);
    if (replayed)
      cut.replayed();
    EXPECT_THAT(sql_of(cut.touches(by_value(rerun, rerun)).after),
                Contains(HasSubstr("`customer` IN (5,6)")))
        << replayed;
  }
}

TEST(JoinedCutTouches, ARowThatMayBeJoinedToNothingIsAskedForWhenItIsThere) {
  auto table = customers();
  table.columns[1].type = "Nullable(Int32)";
  const auto got = cut_under_test{table}
                       .row(operation::create, 8)
                       .touches(by_value(rerun, next_run));
  EXPECT_THAT(sql_of(got.after),
              ElementsAre(AllOf(
                  HasSubstr("SELECT `customer` FROM `shop`.`customers` WHERE"),
                  HasSubstr("`_offset` >= 100 AND `_offset` < 101"))));
}

TEST(JoinedCutTouches, AChangedRowMayHaveBeenJoinedToOthers) {
  for (const auto changes : {rerun, next_run})
    for (const auto what : {operation::read, operation::update}) {
      const auto got = cut_under_test{customers()}.row(what, 8).touches(
          by_value(rerun, changes));
      EXPECT_THAT(sql_of(got.before),
                  ElementsAre(HasSubstr("SELECT `customer` FROM "
                                        "`shop`.`customers` WHERE `id` "
                                        "IN (8)")));
      EXPECT_THAT(got.after, SizeIs(1));
      EXPECT_TRUE(got.waits_for_earlier);
    }
}

TEST(JoinedCutTouches, ARemovedRowIsAskedForBeforeItGoes) {
  const auto got = cut_under_test{customers()}
                       .row(operation::remove, 8)
                       .touches(by_value(rerun, next_run));
  EXPECT_THAT(got.before, SizeIs(1));
  EXPECT_THAT(got.after, IsEmpty()) << "it has only its key there";
  EXPECT_TRUE(got.waits_for_earlier);
}

TEST(JoinedCutTouches, OnlyTheRowsThatMatterAreAskedFor) {
  const auto got = cut_under_test{customers()}
                       .row(operation::create, 1, 0, 5)
                       .row(operation::remove, 2, 0, 6)
                       .row(operation::create, 3, 0, 7)
                       .row(operation::create, 4, 0, 7)
                       .touches(by_value(rerun, next_run));
  EXPECT_THAT(sql_of(got.before), ElementsAre(HasSubstr("`id` IN (2)")));
  EXPECT_THAT(sql_of(got.after), ElementsAre(HasSubstr("`customer` IN (5,7)")));
}

TEST(JoinedCutTouches, InALaterEpochACreatedRowMayReplaceOthers) {
  const auto got = cut_under_test{customers()}
                       .epoch(1)
                       .row(operation::create, 8)
                       .touches(by_value(rerun, next_run));
  EXPECT_THAT(got.before, SizeIs(1));
  EXPECT_TRUE(got.waits_for_earlier);
}

TEST(JoinedCutTouches, ATableThatIsBothIsAskedForBoth) {
  const std::vector<feed> both{feed_of(), feed_of("orders", "customer")};
  const auto got =
      cut_under_test{orders()}.row(operation::update, 1, 5).touches(both);
  EXPECT_THAT(got.known, SizeIs(1));
  EXPECT_THAT(got.before, SizeIs(2));
  EXPECT_THAT(got.after, SizeIs(1));
  EXPECT_TRUE(got.replaces_rows);
  EXPECT_TRUE(got.waits_for_earlier);
}

TEST(Feeds, AreTheGoldsThatATableFeedsInTheirOrder) {
  auto sales = feed_of("customers").gold;
  sales.joins = {*feed_of("customers").join, *feed_of("orders").join};
  auto other = sales;
  other.name = "other";
  other.window.over_table = "visits";
  const auto of_orders = feeds_of({sales, other}, "orders").value();
  ASSERT_THAT(of_orders, SizeIs(3));
  EXPECT_FALSE(of_orders[0].join);
  EXPECT_TRUE(of_orders[1].join);
  EXPECT_EQ(of_orders[2].gold.name, "other");
  EXPECT_THAT(feeds_of({sales, other}, "customers").value(), SizeIs(2));
  EXPECT_THAT(feeds_of({sales, other}, "users").value(), IsEmpty());
  other.timezone = "Europe/Atlantis";
  const auto refused = feeds_of({sales, other}, "orders");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("gold other: "));
}

} // namespace
} // namespace sluice::marks
