#include "plan/schema.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Schema, LaysOutEveryTable) {
  const auto tables = lay_out_example(read_example());
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables.at("users")->table.mode, topology::table_mode::latest);
  EXPECT_EQ(tables.at("events")->types.size(), 5U);
}

TEST(Schema, CreatesDatabaseThenSilverThenGoldThenItsLedgerAndState) {
  const auto what = read_example();
  EXPECT_THAT(
      create_statements(what, lay_out_example(what)),
      ElementsAre("CREATE DATABASE IF NOT EXISTS `shop`",
                  StartsWith("CREATE TABLE IF NOT EXISTS `shop`.`users`"),
                  StartsWith("CREATE TABLE IF NOT EXISTS `shop`.`events`"),
                  StartsWith("CREATE TABLE IF NOT EXISTS `shop`.`activity`"),
                  HasSubstr("_sluice_gold_runs"),
                  HasSubstr("_sluice_gold_state")));
}

TEST(Schema, ColumnsThatGoldSeeksByAreKnownToTheirTables) {
  auto what = read_example();
  auto tables = lay_out_example(what);
  EXPECT_THAT(tables.at("events")->sought_columns, ElementsAre("timestamp"));
  EXPECT_THAT(tables.at("users")->sought_columns, IsEmpty());
  // What the sorting key begins with needs none, nor what has one already.
  topology::gold_join join;
  join.table = "users";
  join.column = "full_name";
  join.over_column = "event_id";
  what.golds[0].joins = {join, join};
  join.column = join.over_column = "user_id";
  what.golds[0].joins.push_back(join);
  tables = lay_out_example(what);
  EXPECT_THAT(tables.at("events")->sought_columns,
              ElementsAre("timestamp", "event_id"));
  EXPECT_THAT(tables.at("users")->sought_columns, ElementsAre("full_name"));
}

TEST(Schema, CollectsTheMistakesOfAllTablesInTheFilesOrder) {
  auto what = read_example();
  what.tables[1].columns[1].type = "Int33";
  what.tables[0].columns[0].type = "Nullable(Int32)";
  const auto tables = lay_out(what);
  ASSERT_FALSE(tables);
  ASSERT_GE(tables.error().size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(
      tables.error(), {}, [](const auto& each) { return each.where.line; }));
  for (const auto& mistake : tables.error())
    EXPECT_EQ(mistake.file, "shop.yaml");
  EXPECT_THAT(tables.error().back().message, HasSubstr("Int33"));
}

TEST(Schema, ReportsMistakesInGoldColumnsToo) {
  auto what = read_example();
  what.golds[0].key = {"nobody"};
  const auto tables = lay_out(what);
  ASSERT_FALSE(tables);
  EXPECT_THAT(tables.error().front().message, HasSubstr("nobody"));
}

TEST(Schema, ReportsTimeZonesThatDoNotExistWithTheLineOfTheGold) {
  auto what = read_example();
  what.golds[0].timezone = "Europe/Berln";
  const auto tables = lay_out(what);
  ASSERT_FALSE(tables);
  ASSERT_EQ(tables.error().size(), 1U);
  EXPECT_EQ(tables.error()[0].where.line, what.golds[0].where.line);
  EXPECT_THAT(tables.error()[0].message,
              HasSubstr("'Europe/Berln' is no time zone: did you mean "
                        "'Europe/Berlin'?"));
}

TEST(Schema, RefusesEventTimesThatAreNoTimesInOneMessage) {
  auto what = read_example();
  what.tables[1].columns[2].type = "Array(DateTime)";
  what.tables[1].order_by = {"user_id"};
  const auto tables = lay_out(what);
  ASSERT_FALSE(tables);
  ASSERT_EQ(tables.error().size(), 1U);
  EXPECT_EQ(tables.error()[0].where.line, what.golds[0].where.line);
  EXPECT_EQ(tables.error()[0].message,
            "gold activity: window.over names events.timestamp, whose type "
            "Array(DateTime) is no time: windows need one Date, Date32, "
            "DateTime or DateTime64 a row (Nullable or not)");
}

TEST(Schema, GuardsATableForTheGoldsThatQuarantineAndNoOthers) {
  auto what = read_example();
  EXPECT_THAT(lay_out_example(what).at("events")->time_guards, IsEmpty());
  what.golds[0].window.outside = topology::on_outside::quarantine;
  const auto tables = lay_out_example(what);
  EXPECT_THAT(tables.at("users")->time_guards, IsEmpty());
  ASSERT_EQ(tables.at("events")->time_guards.size(), 1U);
  const auto& events = *tables.at("events");
  EXPECT_EQ(events.block_columns[events.time_guards[0].column()].name,
            "timestamp");
}

TEST(Schema, AGuardKnowsWhereDatesBeginInTheGoldsZone) {
  auto what = read_example();
  what.tables[1].columns[2].type = "Date";
  what.golds[0].timezone = "Pacific/Auckland";
  what.golds[0].window.ahead = std::chrono::seconds{0};
  what.golds[0].window.outside = topology::on_outside::quarantine;
  const auto events = lay_out_example(what).at("events");
  const auto& guard = events->time_guards.at(0);
  silver::column_buffer times{*silver::parse_column_type("Date")};
  times.append(std::uint16_t{20'504}); // 2026-02-20, from 11:00 UTC on the 19th
  constexpr std::int64_t begin_ms = 1'771'498'800'000;
  EXPECT_TRUE(guard.lets_in(times, begin_ms));
  EXPECT_FALSE(guard.lets_in(times, begin_ms - 1000));
}

} // namespace
} // namespace sluice::plan
