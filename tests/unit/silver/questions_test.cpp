#include "silver/questions.hpp"

#include <limits>

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

TEST(Questions, ARangeIsAskedForItsOffsetsAsTheyAreStored) {
  EXPECT_EQ(rows_in_range_sql("commerce", "users", 3, 100, 250, 7),
            "SELECT DISTINCT `_offset` FROM `commerce`.`users` WHERE "
            "`_partition` = 3 AND `_offset` >= 100 AND `_offset` < 250 AND "
            "`_epoch` = 7 ORDER BY `_offset` SETTINGS final = 0");
}

TEST(Questions, TheNewestOffsetIsAskedForWithTheNumberOfRows) {
  EXPECT_EQ(newest_offset_sql("commerce", "users", 3, 65535),
            "SELECT count(), max(`_offset`) FROM `commerce`.`users` WHERE "
            "`_partition` = 3 AND `_offset` >= 0 AND `_epoch` = 65535 SETTINGS "
            "final = 0, empty_result_for_aggregation_by_empty_set = 0");
  EXPECT_THAT(newest_offset_sql("commerce", "users", 3, 0, 250),
              HasSubstr(" AND `_offset` >= 250 AND "));
}

TEST(Questions, NamesCannotBreakOutOfTheQuestion) {
  EXPECT_THAT(rows_in_range_sql("a`b", "c`d", 0, 0, 1, 0),
              HasSubstr(" FROM `a\\`b`.`c\\`d` WHERE "));
  EXPECT_THAT(newest_offset_sql("a`b", "c`d", 0, 0),
              HasSubstr(" FROM `a\\`b`.`c\\`d` WHERE "));
}

TEST(Questions, OffsetsAreReadLineByLine) {
  EXPECT_THAT(parse_rows_in_range("").value(), IsEmpty());
  EXPECT_THAT(parse_rows_in_range("0\n7\n9223372036854775807\n").value(),
              ElementsAre(0, 7, std::numeric_limits<std::int64_t>::max()));
}

TEST(Questions, WhatIsNoListOfOffsetsIsRefused) {
  for (const auto* answer :
       {"\n", "1\n\n2\n", "1\t2\n", "one\n", " 1\n", "1\r\n", "-1\n", "1.5\n",
        "9223372036854775808\n", "<html>\n"}) {
    const auto read = parse_rows_in_range(answer);
    ASSERT_FALSE(read) << answer;
    EXPECT_THAT(read.error(), HasSubstr("no offset"));
    EXPECT_THAT(read.error(), Not(HasSubstr("\n")));
  }
}

TEST(Questions, AListThatIsCutOffIsNotAShorterList) {
  EXPECT_THAT(parse_rows_in_range("1\n23").error(),
              EndsWith("ends within a line: '23'"));
}

TEST(Questions, AnUnreadableAnswerIsShownInPart) {
  EXPECT_THAT(parse_rows_in_range("A proxy answered here with a long text, "
                                  "and this is not shown\n")
                  .error(),
              EndsWith(": 'A proxy answered here with a long text, ...'"));
}

TEST(Questions, NoRowIsNotOffsetZero) {
  EXPECT_EQ(parse_newest_offset("0\t0\n").value(), std::nullopt);
  EXPECT_EQ(parse_newest_offset("1\t0\n").value(), std::optional{0L});
  EXPECT_EQ(parse_newest_offset("12\t9223372036854775807\n").value(),
            std::optional{std::numeric_limits<std::int64_t>::max()});
}

TEST(Questions, ALostAnswerIsNotTakenForNoRow) {
  for (const auto* answer :
       {"", "\n", "0\n", "0\t\n", "\t0\n", "1\t12", "0\t0\n0\t0\n", "1\t2\t3\n",
        "-1\t2\n", "1\t-2\n", "<html>\n"}) {
    const auto read = parse_newest_offset(answer);
    ASSERT_FALSE(read) << answer;
    EXPECT_THAT(read.error(), HasSubstr("not a count and an offset"));
    EXPECT_THAT(read.error(), Not(HasSubstr("\n")));
  }
}

TEST(OffsetsCondition, WithoutARangeItHoldsForNoRow) {
  EXPECT_EQ(offsets_condition({}), "0");
  EXPECT_EQ(offsets_condition(ranges{{5, 5}, {7, 6}, {-4, 0}}), "0");
}

TEST(OffsetsCondition, RangesAreSortedAndJoined) {
  EXPECT_EQ(offsets_condition(ranges{{10, 20}}),
            "((`_offset` >= 10 AND `_offset` < 20))");
  EXPECT_EQ(
      offsets_condition(ranges{{30, 31}, {15, 20}, {5, 5}, {10, 16}, {20, 21}}),
      "((`_offset` >= 10 AND `_offset` < 21) OR "
      "(`_offset` >= 30 AND `_offset` < 31))");
}

TEST(OffsetsCondition, TheWholeRangeOfOffsetsIsNoTrouble) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(offsets_condition(ranges{{lowest, highest}, {1, 2}}),
            "((`_offset` >= 0 AND `_offset` < 9223372036854775807))");
  EXPECT_EQ(offsets_condition(ranges{{0, 1}, {highest - 1, highest}}),
            "((`_offset` >= 0 AND `_offset` < 1) OR (`_offset` >= "
            "9223372036854775806 AND `_offset` < 9223372036854775807))");
}

TEST(OffsetsCondition, ManyCloseRangesBecomeABitmap) {
  // Offsets 100, 102, 104, 106 and 108: bytes 0x55 and 0x01.
  EXPECT_EQ(offsets_condition(ranges{
                {100, 101}, {102, 103}, {104, 105}, {106, 107}, {108, 109}}),
            "((`_offset` >= 100 AND `_offset` < 109 AND "
            "bitTest(reinterpretAsUInt8(substring(unhex('5501'), "
            "bitShiftRight((`_offset` - 100), 3) + 1, 1)), "
            "bitAnd((`_offset` - 100), 7))))");
}

TEST(OffsetsCondition, LongOrFarRangesStandForThemselves) {
  const auto condition = offsets_condition(ranges{{0, 1},
                                                  {2, 3},
                                                  {4, 5},
                                                  {6, 7},
                                                  {5'000, 9'000},
                                                  {9'001, 9'002},
                                                  {1'000'000, 1'000'001}});
  EXPECT_THAT(condition,
              EndsWith(" OR (`_offset` >= 5000 AND `_offset` < 9000) OR "
                       "(`_offset` >= 9001 AND `_offset` < 9002) OR "
                       "(`_offset` >= 1000000 AND `_offset` < 1000001))"));
  EXPECT_THAT(condition, HasSubstr("unhex('55')"));
}

TEST(OffsetsCondition, ItsTextStaysShortForEveryOtherOffset) {
  for (const std::int64_t step : {2, 3, 100, 300, 1'000}) {
    ranges many;
    constexpr std::int64_t span = 500'000;
    for (std::int64_t offset = 0; offset < span; offset += step)
      many.emplace_back(offset, offset + 1);
    EXPECT_LT(offsets_condition(many).size(), span / 3) << step;
  }
}

} // namespace
} // namespace sluice::silver
