#include "silver/ddl.hpp"

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

topology::column column(std::string name, std::string type) {
  topology::column result;
  result.name = std::move(name);
  result.type = std::move(type);
  return result;
}

topology::table users() {
  topology::table result;
  result.name = "users";
  result.mode = topology::table_mode::latest;
  result.key = {"user_id"};
  result.columns = {column("user_id", "int"),
                    column("name", "LowCardinality(String)"),
                    column("updated_at", "DateTime64(6,'UTC')")};
  return result;
}

topology::table events() {
  auto result = users();
  result.name = "events";
  result.mode = topology::table_mode::append;
  result.key.clear();
  return result;
}

std::string ddl_of(const topology::table& table) {
  return create_table(lay_out(table).value(), "commerce");
}

TEST(Ddl, ALatestTableReplacesByVersionAndHidesDeletedRows) {
  EXPECT_EQ(ddl_of(users()),
            "CREATE TABLE IF NOT EXISTS `commerce`.`users`\n"
            "(\n"
            "  `user_id` Int32,\n"
            "  `name` LowCardinality(String),\n"
            "  `updated_at` DateTime64(6, 'UTC'),\n"
            "  `_partition` Int32,\n"
            "  `_offset` Int64,\n"
            "  `_epoch` UInt16,\n"
            "  `_version` UInt64,\n"
            "  `_deleted` UInt8,\n"
            "  INDEX `_origin` (`_partition`, `_offset`) TYPE minmax "
            "GRANULARITY 1\n"
            ")\n"
            "ENGINE = ReplacingMergeTree(`_version`, `_deleted`)\n"
            "ORDER BY (`user_id`)\n"
            "SETTINGS\n"
            "  non_replicated_deduplication_window = 10000,\n"
            "  replicated_deduplication_window = 10000,\n"
            "  replicated_deduplication_window_seconds = 604800");
}

TEST(Ddl, AnAppendTableIsSortedByItsFirstSortableColumn) {
  auto table = events();
  EXPECT_THAT(ddl_of(table), AllOf(HasSubstr("ENGINE = MergeTree\n"),
                                   HasSubstr("ORDER BY (`user_id`)\n"),
                                   Not(HasSubstr("_version"))));
  table.columns[0].type = "Nullable(Int32)";
  EXPECT_THAT(ddl_of(table), HasSubstr("ORDER BY (`name`)\n"));
  table.columns = {column("tags", "Array(String)")};
  EXPECT_THAT(ddl_of(table), HasSubstr("ORDER BY ()\n"));
}

TEST(Ddl, WhatTheTopologySaysIsWrittenOut) {
  auto table = events();
  auto day = column("day", "Date");
  day.computed = "toDate(updated_at)";
  auto origin = column("origin", "String");
  origin.constant = "'pg'";
  table.columns.push_back(day);
  table.columns.push_back(origin);
  table.order_by = {"name", "toStartOfHour(updated_at)"};
  table.partition_by = "toYYYYMM(updated_at)";
  table.ttl = "day + INTERVAL 1 YEAR";
  table.engine = "ReplicatedMergeTree('/t', '{replica}')";
  table.settings = {{"index_granularity", "1024"},
                    {"storage_policy", "it's cold"},
                    {"replicated_deduplication_window", "20000"}};
  EXPECT_THAT(
      ddl_of(table),
      AllOf(HasSubstr("  `day` Date DEFAULT toDate(updated_at),\n"),
            HasSubstr("  `origin` String DEFAULT 'pg',\n"),
            HasSubstr("ENGINE = ReplicatedMergeTree('/t', '{replica}')\n"),
            HasSubstr("PARTITION BY toYYYYMM(updated_at)\n"),
            HasSubstr("ORDER BY (`name`, toStartOfHour(updated_at))\n"),
            HasSubstr("TTL day + INTERVAL 1 YEAR\n"),
            HasSubstr("  index_granularity = 1024,\n"),
            HasSubstr("  replicated_deduplication_window = 20000,\n"),
            HasSubstr("  storage_policy = 'it\\'s cold'")));
}

TEST(Ddl, ColumnsThatGoldSeeksHaveAnIndexEach) {
  auto layout = lay_out(users()).value();
  layout.sought_columns = {"updated_at", "name"};
  EXPECT_THAT(create_table(layout, "commerce"),
              HasSubstr("GRANULARITY 1,\n"
                        "  INDEX `_gold_updated_at` `updated_at` TYPE minmax "
                        "GRANULARITY 1,\n"
                        "  INDEX `_gold_name` `name` TYPE minmax GRANULARITY "
                        "1\n)\n"));
}

TEST(Ddl, TheLeadingColumnIsThatOfTheSortingKey) {
  EXPECT_EQ(leading_column(lay_out(users()).value()), "user_id");
  auto table = events();
  EXPECT_EQ(leading_column(lay_out(table).value()), "user_id");
  table.order_by = {"name", "user_id"};
  EXPECT_EQ(leading_column(lay_out(table).value()), "name");
  table.order_by.clear();
  table.columns = {column("tags", "Array(String)")};
  EXPECT_EQ(leading_column(lay_out(table).value()), "");
}

std::vector<existing_column> existing_users() {
  return {{"user_id", "Int32", true},
          {"name", "LowCardinality(String)", false},
          {"updated_at", "DateTime64(6, 'UTC')", false},
          {"_partition", "Int32", false},
          {"_offset", "Int64", false},
          {"_epoch", "UInt16", false},
          {"_version", "UInt64", false},
          {"_deleted", "UInt8", false}};
}

auto migrate(const topology::table& table,
             const std::vector<existing_column>& existing) {
  return migrate_table(lay_out(table).value(), "commerce", existing);
}

TEST(Migration, ATableThatIsAsItShouldBeNeedsNothing) {
  EXPECT_THAT(migrate(users(), existing_users()).value(), IsEmpty());
}

TEST(Migration, AMissingIndexIsAddedAndMadeForTheRowsThatAreThere) {
  auto layout = lay_out(users()).value();
  layout.sought_columns = {"updated_at", "name"};
  EXPECT_THAT(
      migrate_table(layout, "commerce", existing_users(), {"_gold_name"})
          .value(),
      ElementsAre("ALTER TABLE `commerce`.`users` ADD INDEX IF NOT EXISTS "
                  "`_gold_updated_at` `updated_at` TYPE minmax GRANULARITY 1",
                  "ALTER TABLE `commerce`.`users` MATERIALIZE INDEX "
                  "`_gold_updated_at`"));
  EXPECT_THAT(migrate_table(layout, "commerce", existing_users(),
                            {"_origin", "_gold_name", "_gold_updated_at"})
                  .value(),
              IsEmpty());
}

TEST(Migration, MissingColumnsAreAddedWhereTheyStandInTheTopology) {
  auto table = users();
  auto first = column("tenant", "UInt8");
  first.constant = "7";
  table.columns.insert(table.columns.begin(), first);
  table.columns.push_back(column("email", "Nullable(String)"));
  EXPECT_THAT(migrate(table, existing_users()).value(),
              ElementsAre("ALTER TABLE `commerce`.`users` ADD COLUMN IF NOT "
                          "EXISTS `tenant` UInt8 DEFAULT 7 FIRST",
                          "ALTER TABLE `commerce`.`users` ADD COLUMN IF NOT "
                          "EXISTS `email` Nullable(String) AFTER "
                          "`updated_at`"));
}

TEST(Migration, ATableOfAnEarlierVersionGetsTheEpochThatItsRowsWereOf) {
  for (const auto& [table, columns] :
       {std::pair{users(), 8U}, std::pair{events(), 6U}}) {
    auto existing = existing_users();
    existing.resize(columns);
    std::erase_if(existing,
                  [](const auto& item) { return item.name == "_epoch"; });
    for (auto& item : existing)
      item.in_sorting_key = item.name == "user_id";
    EXPECT_THAT(migrate(table, existing).value(),
                ElementsAre("ALTER TABLE `commerce`.`" + table.name
                            + "` ADD COLUMN IF NOT EXISTS `_epoch` UInt16 "
                              "DEFAULT 0 AFTER `_offset`"));
  }
}

TEST(Migration, AnEpochOfAnotherTypeIsAReason) {
  auto existing = existing_users();
  existing[5].type = "String";
  EXPECT_THAT(migrate(users(), existing).error(),
              ElementsAre(HasSubstr("'_epoch' of table `commerce`.`users` is "
                                    "String in ClickHouse and UInt16")));
}

TEST(Migration, ColumnsThatTheTopologyDoesNotNameAreLeftAlone) {
  auto existing = existing_users();
  existing.push_back({"note", "Map(String, String)", false});
  EXPECT_THAT(migrate(users(), existing).value(), IsEmpty());
}

TEST(Migration, AnotherTypeIsAReasonAndNotAnAlter) {
  auto existing = existing_users();
  existing[0].type = "Int64";
  existing[1].type = "Enum8('a' = 1)";
  EXPECT_THAT(migrate(users(), existing).error(),
              ElementsAre(HasSubstr("'user_id' of table `commerce`.`users` is "
                                    "Int64 in ClickHouse and Int32"),
                          HasSubstr("'name'")));
}

TEST(Migration, AKeyIsNeverChanged) {
  auto table = users();
  table.key = {"name"};
  EXPECT_THAT(migrate(table, existing_users()).error(),
              ElementsAre(HasSubstr("'user_id' is in the sorting key"),
                          HasSubstr("'name' is in the key, but not in")));
  table.key = {"user_id", "tenant"};
  table.columns.push_back(column("tenant", "Int32"));
  EXPECT_THAT(migrate(table, existing_users()).error(),
              ElementsAre(HasSubstr("no column 'tenant', which is in its")));
}

TEST(Migration, ATableOfSomeoneElseIsNotTouched) {
  auto existing = existing_users();
  existing.resize(3);
  EXPECT_THAT(migrate(users(), existing).error(),
              ElementsAre(HasSubstr("no column _partition"),
                          HasSubstr("no column _offset"),
                          HasSubstr("no column _version"),
                          HasSubstr("no column _deleted")));
}

TEST(Migration, WithoutKeysToCompareOnlyColumnsAreCompared) {
  auto existing = existing_users();
  for (auto& item : existing)
    item.in_sorting_key.reset();
  EXPECT_THAT(migrate(users(), existing).value(), IsEmpty());
}

} // namespace
} // namespace sluice::silver
