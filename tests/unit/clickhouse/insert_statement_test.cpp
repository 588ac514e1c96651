#include "clickhouse/insert_statement.hpp"

#include <set>

#include <gmock/gmock.h>

namespace sluice::clickhouse {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const std::vector<std::string> columns = {"id", "a`b", "_deleted"};

insert_request request() {
  insert_request result;
  result.database = "d";
  result.table = "t";
  result.columns = columns;
  result.structure = "`id` Int32, `a\\`b` String, `_deleted` UInt8";
  result.deduplication_token = "p/t/topic/0/1/5-9";
  return result;
}

TEST(InsertStatement, ABlockWithoutAFilterIsPlainNative) {
  EXPECT_EQ(insert_statement(request()),
            "INSERT INTO `d`.`t` (`id`, `a\\`b`, `_deleted`) FORMAT Native");
}

TEST(InsertStatement, WithoutADatabaseTheClientsOwnIsMeant) {
  auto plain = request();
  plain.database.clear();
  EXPECT_THAT(insert_statement(plain), HasSubstr("INSERT INTO `t` ("));
}

TEST(InsertStatement, AFilterLeavesRowsOut) {
  auto filtered = request();
  filtered.filter = "id > 5 OR id IS NULL";
  EXPECT_EQ(insert_statement(filtered),
            "INSERT INTO `d`.`t` (`id`, `a\\`b`, `_deleted`) SELECT `id`, "
            "`a\\`b`, `_deleted` FROM input('`id` Int32, `a\\\\`b` String, "
            "`_deleted` UInt8') WHERE (id > 5 OR id IS NULL) FORMAT Native");
}

TEST(InsertStatement, AHideColumnKeepsRowsAndMarksThem) {
  auto hidden = request();
  hidden.filter = "id > 5";
  hidden.hide_column = "_deleted";
  EXPECT_EQ(insert_select(hidden, "file('x')"),
            "INSERT INTO `d`.`t` (`id`, `a\\`b`, `_deleted`) SELECT `id`, "
            "`a\\`b`, if((id > 5), `_deleted`, 1) FROM file('x')");
}

TEST(InsertStatement, OnlyChosenRowsAreInsertedAtAll) {
  auto chosen = request();
  chosen.chosen = "_offset >= 3 AND _offset < 5";
  EXPECT_EQ(insert_select(chosen, "file('x')"),
            "INSERT INTO `d`.`t` (`id`, `a\\`b`, `_deleted`) SELECT `id`, "
            "`a\\`b`, `_deleted` FROM file('x') WHERE (_offset >= 3 AND "
            "_offset < 5)");
  chosen.filter = "id > 5";
  EXPECT_THAT(insert_statement(chosen),
              HasSubstr(" WHERE (_offset >= 3 AND _offset < 5) AND (id > 5)"));
  chosen.hide_column = "_deleted";
  EXPECT_THAT(insert_select(chosen, "file('x')"),
              HasSubstr("if((id > 5), `_deleted`, 1) FROM file('x') WHERE "
                        "(_offset >= 3 AND _offset < 5)"));
}

TEST(InsertStatement, WithoutAFilterNothingIsHidden) {
  auto all = request();
  all.hide_column = "_deleted";
  EXPECT_EQ(insert_statement(all),
            "INSERT INTO `d`.`t` (`id`, `a\\`b`, `_deleted`) FORMAT Native");
}

TEST(InsertSettings, EveryInsertIsOneBlockUnderItsToken) {
  const auto all = insert_settings(request());
  EXPECT_THAT(all, Contains(Pair("async_insert", "0")));
  EXPECT_THAT(all, Contains(Pair("insert_deduplicate", "1")));
  EXPECT_THAT(all, Contains(Pair("max_insert_threads", "1")));
  EXPECT_THAT(all, Contains(Pair("max_threads", "1")));
  EXPECT_THAT(all, Contains(Pair("min_insert_block_size_rows", "1000000000")));
  EXPECT_THAT(all, Contains(Pair("min_insert_block_size_bytes", "0")));
  EXPECT_THAT(all, Contains(Pair("max_partitions_per_insert_block", "0")));
  EXPECT_THAT(
      all, Contains(Pair("deduplicate_blocks_in_dependent_materialized_views",
                         "1")));
  EXPECT_THAT(
      all, Contains(Pair("insert_deduplication_token", "p/t/topic/0/1/5-9")));
}

TEST(InsertSettings, RowsAreNotFoldedBeforeTheyAreWrittenUnlessTold) {
  EXPECT_THAT(insert_settings(request()),
              Contains(Pair("optimize_on_insert", "0")));
  auto told = request();
  told.options = {{"optimize_on_insert", "1"}};
  EXPECT_THAT(insert_settings(told), Contains(Pair("optimize_on_insert", "1")));
}

TEST(InsertSettings, TheBlocksSizeDoesNotChangeThem) {
  auto larger = request();
  larger.rows = 10'000'000;
  EXPECT_EQ(insert_settings(larger), insert_settings(request()));
}

TEST(InsertSettings, OptionsCannotUndoWhatIsPinned) {
  auto wilful = request();
  wilful.options = {{"async_insert", "1"},
                    {"insert_deduplication_token", "mine"},
                    {"optimize_on_insert", "1"},
                    {"optimize_on_insert", "0"}};
  const auto all = insert_settings(wilful);
  EXPECT_THAT(all, Contains(Pair("async_insert", "0")));
  EXPECT_THAT(all, Contains(Pair("optimize_on_insert", "0")));
  EXPECT_THAT(all, Not(Contains(Pair("insert_deduplication_token", "mine"))));
  std::set<std::string> names;
  for (const auto& [name, value] : all)
    EXPECT_TRUE(names.insert(name).second) << name << " occurs twice";
}

TEST(InsertSettings, WithoutATokenThereIsNone) {
  auto loose = request();
  loose.deduplication_token.clear();
  loose.options = {{"insert_deduplication_token", "mine"}};
  for (const auto& [name, value] : insert_settings(loose))
    EXPECT_NE(name, "insert_deduplication_token");
}

} // namespace
} // namespace sluice::clickhouse
