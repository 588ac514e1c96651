#include "silver/table_layout.hpp"

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

topology::column column(std::string name, std::string type, int line = 0) {
  topology::column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.where.line = line;
  return result;
}

topology::table users() {
  topology::table result;
  result.name = "users";
  result.mode = topology::table_mode::latest;
  result.key = {"tenant", "id"};
  result.columns = {column("id", "Int32", 11), column("name", "String", 12),
                    column("tenant", "LowCardinality(String)", 13),
                    column("score", "Nullable(Decimal(10, 2))", 14)};
  return result;
}

std::vector<std::string> mistakes_of(const topology::table& table) {
  std::vector<std::string> result;
  const auto layout = lay_out(table);
  if (!layout)
    for (const auto& mistake : layout.error())
      result.push_back(std::to_string(mistake.where.line) + ": "
                       + mistake.message);
  return result;
}

std::vector<std::string> names_of(const table_layout& layout) {
  std::vector<std::string> result;
  for (const auto& item : layout.block_columns)
    result.push_back(item.name + " " + item.type.name());
  return result;
}

TEST(TableLayout, TheRowsOwnColumnsFollowThoseOfTheTopology) {
  const auto layout = lay_out(users()).value();
  EXPECT_THAT(names_of(layout),
              ElementsAre("id Int32", "name String",
                          "tenant LowCardinality(String)",
                          "score Nullable(Decimal(10, 2))", "_partition Int32",
                          "_offset Int64", "_epoch UInt16", "_version UInt64",
                          "_deleted UInt8"));
  EXPECT_EQ(layout.partition_column, 4U);
  EXPECT_EQ(layout.offset_column, 5U);
  EXPECT_EQ(layout.epoch_column, 6U);
  EXPECT_EQ(layout.version_column, 7U);
  EXPECT_EQ(layout.deleted_column, 8U);
  EXPECT_THAT(layout.key_columns, ElementsAre(2U, 0U));
}

TEST(TableLayout, AnAppendTableHasNoVersion) {
  auto table = users();
  table.mode = topology::table_mode::append;
  table.key.clear();
  const auto layout = lay_out(table).value();
  EXPECT_EQ(layout.block_columns.size(), 7U);
  EXPECT_EQ(layout.epoch_column, 6U);
  EXPECT_EQ(layout.version_column, std::nullopt);
  EXPECT_EQ(layout.deleted_column, std::nullopt);
}

TEST(TableLayout, ComputedAndConstantColumnsAreNotInTheBlock) {
  auto table = users();
  auto day = column("day", "Date");
  day.computed = "toDate(now())";
  auto source = column("source", "String");
  source.constant = "'pg'";
  table.columns.insert(table.columns.begin(), {day, source});
  const auto layout = lay_out(table).value();
  EXPECT_EQ(layout.types.size(), 6U);
  EXPECT_THAT(layout.read_columns, ElementsAre(2U, 3U, 4U, 5U));
  EXPECT_EQ(layout.block_columns[0].name, "id");
  EXPECT_EQ(layout.partition_column, 4U);
  EXPECT_THAT(layout.key_columns, ElementsAre(2U, 0U));
}

TEST(TableLayout, AllMistakesComeAtOnceInTheOrderOfTheFile) {
  auto table = users();
  table.columns[0].unit = topology::time_unit::ms;
  table.columns[1].type = "Strng";
  table.columns[2].type = "Nullable(String)";
  table.columns[3].raw = true;
  EXPECT_THAT(
      mistakes_of(table),
      ElementsAre(HasSubstr("11: column 'id': `unit` is for Date"),
                  HasSubstr("12: column 'name': type 'Strng' is not supported"),
                  HasSubstr("13: column 'tenant' is in the key"),
                  HasSubstr("14: column 'score': `raw` keeps JSON text")));
}

TEST(TableLayout, KeysMustBeReadAndComparable) {
  auto table = users();
  table.columns[0].type = "Array(Int32)";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("be an array")));
  table.columns[0].type = "Float64";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("last bit")));
  table.columns[0].type = "Int32";
  table.columns[0].computed = "1";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("must be read")));
  table.columns.erase(table.columns.begin());
  EXPECT_THAT(mistakes_of(table),
              ElementsAre(HasSubstr("'id' is not among its columns")));
  table.key.clear();
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("needs a `key`")));
}

TEST(TableLayout, PoliciesThatCannotWorkAreRefused) {
  auto table = users();
  table.columns[1].invalid = topology::on_invalid::null;
  table.columns[2].invalid = topology::on_invalid::clamp;
  table.columns[3].invalid = topology::on_invalid::null;
  EXPECT_THAT(mistakes_of(table),
              ElementsAre(HasSubstr("needs a Nullable type, not String"),
                          HasSubstr("needs a number or a time")));
}

TEST(TableLayout, NamesOfTheRowsOwnColumnsAreTaken) {
  for (const auto* name :
       {"_partition", "_offset", "_epoch", "_version", "_deleted"}) {
    auto table = users();
    table.columns[1].name = name;
    EXPECT_THAT(mistakes_of(table),
                ElementsAre(HasSubstr("name that Sluice itself uses")));
  }
}

TEST(TableLayout, ALatestTableIsSortedByItsKeyAndNothingElse) {
  auto table = users();
  table.order_by = {"id", "tenant"};
  EXPECT_THAT(mistakes_of(table), ElementsAre());
  table.order_by = {"id", "tenant", "name"};
  EXPECT_THAT(mistakes_of(table),
              ElementsAre(HasSubstr("order_by has 'name'")));
  table.order_by = {"id"};
  EXPECT_THAT(mistakes_of(table),
              ElementsAre(HasSubstr("lacks the key column 'tenant'")));
}

TEST(TableLayout, AnAppendTableIsNotSortedByNullableColumns) {
  auto table = users();
  table.mode = topology::table_mode::append;
  table.key.clear();
  table.order_by = {"name", "toDate(now())"};
  EXPECT_THAT(mistakes_of(table), ElementsAre());
  table.order_by = {"score"};
  EXPECT_THAT(mistakes_of(table),
              ElementsAre(HasSubstr("is in the sorting key")));
}

TEST(TableLayout, EnginesThatKeepNoTokensAreRefused) {
  auto table = users();
  table.engine = "ReplicatedReplacingMergeTree('/p', 'r', _version, _deleted)";
  EXPECT_THAT(mistakes_of(table), ElementsAre());
  table.engine = "MergeTree";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("former rows")));
  table.engine = "Null";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("MergeTree family")));
  table.engine = "Buffer(d, MergeTree)";
  EXPECT_THAT(mistakes_of(table), ElementsAre(HasSubstr("MergeTree family")));
}

TEST(RowVersion, AnyEventOfALaterEpochBeatsAnyOfAnEarlier) {
  constexpr std::int64_t offset_max = (std::int64_t{1} << 48U) - 1;
  EXPECT_EQ(row_version(0, 0), 0U);
  EXPECT_EQ(row_version(1, 7), (std::uint64_t{1} << 48U) + 7);
  EXPECT_LT(row_version(1, offset_max), row_version(2, 0));
  EXPECT_LT(row_version(65535, 5), row_version(65535, 6));
}

} // namespace
} // namespace sluice::silver
