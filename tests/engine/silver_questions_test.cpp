// What silver is asked, answered by ClickHouse itself, from tables as they are
// really made.
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "silver/ddl.hpp"
#include "silver/questions.hpp"
#include "silver/table_layout.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using offsets = std::vector<std::int64_t>;
using ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

class SilverQuestions : public ::testing::TestWithParam<topology::table_mode> {
protected:
  SilverQuestions() {
    auto table = topology::table{};
    table.name = "questions";
    table.mode = GetParam();
    table.columns.resize(1);
    table.columns[0].name = "id";
    table.columns[0].type = "Int64";
    table.order_by = {"id"};
    if (is_latest())
      table.key = {"id"};
    layout_ = silver::lay_out(table).value();
    run(*connection_, "DROP TABLE IF EXISTS questions SYNC");
    run(*connection_, silver::create_table(layout_, "main"));
    // So that rows which replace one another stay as they were inserted.
    run(*connection_, "SYSTEM STOP MERGES questions");
  }

  static bool is_latest() { return GetParam() == topology::table_mode::latest; }

  /// One block with a row for each number n in [first, last), at offset n * 3
  /// and with the key n % keys_.
  void insert(std::int64_t first, std::int64_t last, int partition = 0,
              int epoch = 0, const std::string& filter = {}) {
    const auto block =
        run(*connection_,
            "SELECT toInt64(number % " + std::to_string(keys_)
                + ") AS id, toInt32(" + std::to_string(partition)
                + ") AS _partition, toInt64(number * 3) AS _offset, toUInt16("
                + std::to_string(epoch) + ") AS _epoch"
                + (is_latest() ? ", toUInt64(number) AS _version, "
                                 "toUInt8(number % 2) AS _deleted"
                               : "")
                + " FROM numbers(" + std::to_string(first) + ", "
                + std::to_string(last - first)
                + ") SETTINGS max_block_size = 10000000",
            "Native");
    std::vector<std::string> columns;
    std::string structure;
    for (const auto& column : layout_.block_columns) {
      columns.push_back(column.name);
      structure += (structure.empty() ? "" : ", ") + column.name + ' '
                   + column.type.name();
    }
    const std::array<std::span<const std::byte>, 1> pieces{
        std::as_bytes(std::span{block})};
    const auto done = connection_->insert({.database = "main",
                                           .table = "questions",
                                           .columns = columns,
                                           .structure = structure,
                                           .pieces = pieces,
                                           .rows = 0,
                                           .deduplication_token = {},
                                           .filter = filter,
                                           .hide_column = {},
                                           .options = {}});
    ASSERT_TRUE(done) << done.error().message;
  }

  offsets rows_in(std::int64_t lo, std::int64_t hi, std::uint16_t epoch = 0) {
    return silver::parse_rows_in_range(
               run(*connection_, silver::rows_in_range_sql("main", "questions",
                                                           0, lo, hi, epoch)))
        .value();
  }

  std::optional<std::int64_t>
  newest(std::int32_t partition, std::uint16_t epoch, std::int64_t from = 0) {
    return silver::parse_newest_offset(
               run(*connection_,
                   silver::newest_offset_sql("main", "questions", partition,
                                             epoch, from)))
        .value();
  }

  std::unique_ptr<client> connection_ = connected();
  silver::table_layout layout_;
  std::int64_t keys_ = 1'000'000;
};

TEST_P(SilverQuestions, FindTheRowsOfARangeEachOnce) {
  EXPECT_THAT(rows_in(0, 1'000'000), IsEmpty());
  insert(0, 100);
  insert(3, 5);
  insert(0, 100, 1);
  EXPECT_THAT(rows_in(6, 15), ElementsAre(6, 9, 12));
  EXPECT_THAT(rows_in(7, 9), IsEmpty());
  EXPECT_THAT(rows_in(9, 9), IsEmpty());
  EXPECT_EQ(rows_in(0, 1'000'000).size(), 100U);
}

TEST_P(SilverQuestions, FindWhatAKeyHasUntilAMergeOfALatestTable) {
  keys_ = 2;
  insert(0, 6);
  EXPECT_THAT(rows_in(0, 100), ElementsAre(0, 3, 6, 9, 12, 15));
  run(*connection_, "SYSTEM START MERGES questions");
  run(*connection_, "OPTIMIZE TABLE main.questions FINAL");
  if (is_latest())
    EXPECT_THAT(rows_in(0, 100), ElementsAre(12, 15));
  else
    EXPECT_THAT(rows_in(0, 100), ElementsAre(0, 3, 6, 9, 12, 15));
}

TEST_P(SilverQuestions, TellEpochsApart) {
  insert(0, 10, 0, 0);
  insert(1, 3, 0, 1);
  EXPECT_THAT(rows_in(0, 100, 1), ElementsAre(3, 6));
  EXPECT_EQ(rows_in(0, 100, 0).size(), 10U);
  EXPECT_THAT(rows_in(0, 100, 2), IsEmpty());
  EXPECT_EQ(newest(0, 0), 27);
  EXPECT_EQ(newest(0, 1), 6);
  EXPECT_EQ(newest(0, 2), std::nullopt);
}

TEST_P(SilverQuestions, FindTheNewestRowOfAPartition) {
  EXPECT_EQ(newest(0, 0), std::nullopt);
  insert(0, 1);
  insert(0, 5, 1);
  EXPECT_EQ(newest(0, 0), 0);
  EXPECT_EQ(newest(1, 0), 12);
  EXPECT_EQ(newest(2, 0), std::nullopt);
  EXPECT_EQ(newest(1, 0, 12), 12);
  EXPECT_EQ(newest(1, 0, 13), std::nullopt);
}

TEST_P(SilverQuestions, AreNotChangedByTheProfile) {
  keys_ = 20;
  insert(0, 20);
  insert(20, 40);
  const auto ask = [this](const std::string& sql) {
    auto request = request_of(sql);
    request.options = {{"final", "1"},
                       {"empty_result_for_aggregation_by_empty_set", "1"}};
    return connection_->query(request).value();
  };
  EXPECT_EQ(silver::parse_rows_in_range(ask(silver::rows_in_range_sql(
                                            "main", "questions", 0, 0, 999, 0)))
                .value()
                .size(),
            40U);
  EXPECT_EQ(silver::parse_newest_offset(
                ask(silver::newest_offset_sql("main", "questions", 9, 0)))
                .value(),
            std::nullopt);
}

TEST_P(SilverQuestions, ReadOnlyWhatTheIndexLeaves) {
  for (std::int64_t part = 0; part < 4; ++part)
    insert(part * 1'000, (part + 1) * 1'000);
  for (const auto& sql :
       {silver::rows_in_range_sql("main", "questions", 0, 10'000, 10'100, 0),
        silver::newest_offset_sql("main", "questions", 0, 0, 10'000)}) {
    const auto explained = run(*connection_, "EXPLAIN indexes = 1 " + sql);
    const auto skip = explained.find("Name: _origin");
    ASSERT_NE(skip, std::string::npos) << explained;
    EXPECT_THAT(explained.substr(skip), HasSubstr("Parts: 1/4")) << explained;
  }
}

TEST_P(SilverQuestions, OffsetsInAFewRangesAreInserted) {
  const auto few = ranges{{0, 7}, {2'997, 3'000}, {30, 31}};
  insert(0, 1'000, 0, 0, silver::offsets_condition(few));
  EXPECT_THAT(rows_in(0, 1'000'000), ElementsAre(0, 3, 6, 30, 2'997));
}

TEST_P(SilverQuestions, OffsetsInNoRangeAreNotInserted) {
  insert(0, 1'000, 0, 0, silver::offsets_condition({}));
  EXPECT_THAT(rows_in(0, 1'000'000), IsEmpty());
}

TEST_P(SilverQuestions, OffsetsInVeryManyRangesAreInserted) {
  // Bitmaps with rows before, between, behind and at each of their bits, and
  // ranges of their own, in one condition.
  ranges many;
  const auto add = [&many](std::int64_t first, std::int64_t last,
                           std::int64_t step) {
    for (auto lo = first; lo < last; lo += step)
      many.emplace_back(lo, lo + 1 + (lo / step) % 4);
  };
  add(101, 150'000, 7);
  add(200'001, 230'000, 5);
  add(240'000, 290'000, 3'000);
  many.emplace_back(295'000, 298'000);
  std::vector<bool> wanted(300'000);
  for (const auto& [lo, hi] : many)
    for (auto offset = lo; offset < hi; ++offset)
      wanted[static_cast<std::size_t>(offset)] = true;
  offsets expected;
  for (std::size_t offset = 0; offset < wanted.size(); offset += 3)
    if (wanted[offset])
      expected.push_back(static_cast<std::int64_t>(offset));
  insert(0, 100'000, 0, 0, silver::offsets_condition(many));
  EXPECT_EQ(rows_in(0, 1'000'000), expected);
  EXPECT_GT(expected.size(), 20'000U);
}

INSTANTIATE_TEST_SUITE_P(InBothModes, SilverQuestions,
                         ::testing::Values(topology::table_mode::latest,
                                           topology::table_mode::append),
                         [](const auto& about) {
                           return std::string{
                               about.param == topology::table_mode::latest
                                   ? "Latest"
                                   : "Append"};
                         });

} // namespace sluice::clickhouse::testing
