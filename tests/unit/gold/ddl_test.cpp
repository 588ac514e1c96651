#include "gold/ddl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/statements.hpp"

namespace sluice::gold {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

topology::gold activity() {
  topology::gold g;
  g.name = "activity";
  g.key = {"date", "user_id"};
  g.columns = {{"date", "Date", {}},
               {"user_id", "Int32", {}},
               {"amount", "Decimal(10,2)", {}}};
  return g;
}

std::vector<existing_column> as_created() {
  return {{"date", "Date"},
          {"user_id", "Int32"},
          {"amount", "Decimal(10, 2)"},
          {"_updated_at", "DateTime"},
          {"_window", "DateTime('UTC')"},
          {"_run", "String"}};
}

TEST(GoldTable, IsPartitionedByAWindowThatIsHidden) {
  EXPECT_EQ(create_table(activity(), "db"),
            R"(CREATE TABLE IF NOT EXISTS `db`.`activity` (
  `date` Date,
  `user_id` Int32,
  `amount` Decimal(10,2),
  `_updated_at` DateTime,
  `_window` DateTime('UTC') MATERIALIZED toDateTime(0, 'UTC'),
  `_run` String MATERIALIZED ''
)
ENGINE = MergeTree
PARTITION BY `_window`
ORDER BY (`date`, `user_id`)
SETTINGS old_parts_lifetime = 0, fsync_after_insert = 1,
         fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1)");
}

TEST(GoldTable, HasStagingTablesThatDifferInTheRunsConstantsOnly) {
  const window day{parse_utc("2026-02-20").value(),
                   parse_utc("2026-02-21").value()};
  auto staging = create_staging(activity(), "db", "s", day, "r'1");
  EXPECT_THAT(staging, HasSubstr("MATERIALIZED toDateTime(1771545600, 'UTC')"));
  EXPECT_THAT(staging, HasSubstr("MATERIALIZED 'r\\'1'"));
  EXPECT_THAT(staging, HasSubstr("CREATE TABLE `db`.`s` ("));
}

TEST(GoldTable, KeepsADeclaredUpdatedAtInItsPlace) {
  auto g = activity();
  g.columns.insert(g.columns.begin(), {"_updated_at", "DateTime64(3)", {}});
  EXPECT_EQ(visible_columns(g).size(), 4U);
  EXPECT_EQ(visible_columns(g).front().type, "DateTime64(3)");
  EXPECT_EQ(result_columns(g).size(), 3U);
}

TEST(GoldTable, WithoutKeyIsNotSorted) {
  auto g = activity();
  g.key.clear();
  EXPECT_THAT(create_table(g, "db"), HasSubstr("ORDER BY tuple()"));
}

TEST(GoldTable, ChecksItsColumns) {
  EXPECT_THAT(check_columns(activity()), IsEmpty());
  auto g = activity();
  g.columns.push_back({"_run", "String", {}});
  g.columns.push_back({"date", "Date", {}});
  g.columns.push_back({"maybe", "Nullable(Int8)", {}});
  g.key = {"maybe", "absent", "_updated_at"};
  EXPECT_THAT(check_columns(g), testing::UnorderedElementsAre(
                                    HasSubstr("_run is Sluice's own"),
                                    HasSubstr("date is declared "
                                              "twice"),
                                    HasSubstr("maybe cannot be Nullable"),
                                    HasSubstr("absent is not declared"),
                                    HasSubstr("_updated_at changes")));
}

TEST(GoldTable, ThatIsAsDeclaredNeedsNothing) {
  EXPECT_THAT(
      migrate_table(activity(), "db", as_created(), "date, user_id").value(),
      IsEmpty());
}

TEST(GoldTable, GetsMissingColumnsInTheirPlace) {
  auto g = activity();
  g.columns.insert(g.columns.begin(), {"first", "String", {}});
  g.columns.push_back({"last", "String", {}});
  EXPECT_THAT(
      migrate_table(g, "db", as_created()).value(),
      ElementsAre(
          "ALTER TABLE `db`.`activity` ADD COLUMN IF NOT EXISTS `first` "
          "String FIRST",
          "ALTER TABLE `db`.`activity` ADD COLUMN IF NOT EXISTS `last` "
          "String AFTER `amount`"));
}

TEST(GoldTable, IsNotMigratedWhereDataWouldBeLost) {
  auto existing = as_created();
  existing[1].type = "Int64";
  existing.push_back({"old", "String"});
  existing.erase(existing.begin());
  const auto result =
      migrate_table(activity(), "db", existing, "user_id, date");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(),
              ElementsAre(HasSubstr("key column date is missing"),
                          HasSubstr("column user_id is Int64, the topology "
                                    "says Int32"),
                          HasSubstr("column old is not declared any more"),
                          HasSubstr("its key is (user_id, date)")));
}

TEST(GoldTable, IsNotMadeOfATableThatIsNone) {
  const auto result = migrate_table(activity(), "db", {{"date", "Date"}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), Contains(HasSubstr("no gold table of Sluice")));
}

TEST(GoldTable, ComparesKeysAsClickHousePrintsThem) {
  auto g = activity();
  EXPECT_TRUE(migrate_table(g, "db", as_created(), "`date`, user_id"));
  g.key.clear();
  EXPECT_TRUE(migrate_table(g, "db", as_created(), ""));
  EXPECT_FALSE(migrate_table(g, "db", as_created(), "date"));
}

TEST(GoldStatements, PublishByPartition) {
  const window day{parse_utc("2026-02-20").value(),
                   parse_utc("2026-02-21").value()};
  EXPECT_EQ(statements::replace_partition(activity(), "db", "s", day),
            "ALTER TABLE `db`.`activity` REPLACE PARTITION ID '1771545600' "
            "FROM `db`.`s`");
  EXPECT_EQ(statements::forget_replaced(activity(), "db"),
            "ALTER TABLE `db`.`activity` DROP PARTITION ID '4294967295'");
}

TEST(GoldStatements, CheckIntegersOnly) {
  const auto sql =
      statements::fill_staging(activity(), "db", "s", "SELECT 1 -- x",
                               {"date", "u.user_id", "amount"}, instant{});
  EXPECT_THAT(sql, HasSubstr("SELECT `date`, accurateCast(`u.user_id`, "
                             "'Int32'), `amount`, "));
  EXPECT_THAT(sql, HasSubstr("SELECT 1 -- x\n)"));
}

} // namespace
} // namespace sluice::gold
