#include "chaos/gold_difference.hpp"

#include <gmock/gmock.h>

namespace sluice::chaos {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

gold::window day() {
  const std::chrono::sys_days start{std::chrono::year{2026} / 2 / 18};
  return {start, start + std::chrono::days{1}};
}

gold_difference compared(const std::string& shown, const std::string& yielded) {
  gold_difference result;
  compare_window(day(), shown, yielded, result);
  return result;
}

TEST(GoldDifference, FindsNoneInTheSameRowsWhateverTheirOrder) {
  const auto result = compared("1\ta\n2\tb\n", "2\tb\n1\ta\n");
  EXPECT_TRUE(result.is_exact());
  EXPECT_EQ(result.windows, 1U);
  EXPECT_EQ(result.rows, 2U);
  EXPECT_THAT(result.example, IsEmpty());
}

TEST(GoldDifference, CountsAnEmptyWindowAsCompared) {
  const auto result = compared("", "");
  EXPECT_TRUE(result.is_exact());
  EXPECT_EQ(result.windows, 1U);
  EXPECT_EQ(result.rows, 0U);
}

TEST(GoldDifference, ShowsTheWindowAndARowOfEachKind) {
  const auto result = compared("1\tb\n", "1\ta\n");
  EXPECT_FALSE(result.is_exact());
  EXPECT_EQ(result.example,
            "window 2026-02-18T00:00:00Z/2026-02-19T00:00:00Z: 1 rows missing, "
            "such as [1 a]; 1 rows that its SQL does not yield, such as [1 b]");
}

TEST(GoldDifference, NoticesAWindowThatIsThereTwice) {
  EXPECT_THAT(compared("1\n1\n", "1\n").example,
              HasSubstr("1 rows that its SQL does not yield"));
}

TEST(GoldDifference, NoticesAWindowThatShouldBeNone) {
  EXPECT_EQ(compared("1\n", "").different, 1U);
}

TEST(GoldDifference, NoticesAWindowThatIsMissing) {
  EXPECT_THAT(compared("", "1\n2\n").example, HasSubstr("2 rows missing"));
}

TEST(GoldDifference, SumsWindowsAndKeepsTheFirstExample) {
  gold_difference result;
  compare_window(day(), "1\n", "1\n", result);
  compare_window(day(), "2\n", "1\n", result);
  const auto first = result.example;
  compare_window(day(), "3\n", "1\n", result);
  EXPECT_EQ(result.windows, 3U);
  EXPECT_EQ(result.different, 2U);
  EXPECT_EQ(result.example, first);
}

} // namespace
} // namespace sluice::chaos
