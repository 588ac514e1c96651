#include "plan/schema.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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

} // namespace
} // namespace sluice::plan
