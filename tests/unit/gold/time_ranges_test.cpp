#include "gold/time_ranges.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gmock/gmock.h>

namespace sluice::gold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

time_ranges of(const std::vector<time_range>& all) {
  time_ranges result;
  for (const auto& each : all)
    add(result, each);
  return result;
}

TEST(TimeRanges, ThoseThatOverlapOrTouchBecomeOne) {
  EXPECT_THAT(of({{0, 10}, {5, 20}}), ElementsAre(time_range{0, 20}));
  EXPECT_THAT(of({{0, 10}, {10, 20}}), ElementsAre(time_range{0, 20}));
  EXPECT_THAT(of({{10, 20}, {0, 10}}), ElementsAre(time_range{0, 20}));
  EXPECT_THAT(of({{0, 100}, {5, 20}}), ElementsAre(time_range{0, 100}));
  EXPECT_THAT(of({{0, 10}, {20, 30}, {40, 50}, {5, 45}}),
              ElementsAre(time_range{0, 50}));
}

TEST(TimeRanges, ThoseApartStayApartInOrder) {
  EXPECT_THAT(
      of({{40, 50}, {-30, -20}, {0, 10}}),
      ElementsAre(time_range{-30, -20}, time_range{0, 10}, time_range{40, 50}));
}

TEST(TimeRanges, AnEmptyOneAddsNothing) {
  EXPECT_THAT(of({{5, 5}, {7, 3}}), IsEmpty());
  EXPECT_THAT(of({{0, 10}, {10, 10}, {12, 11}}),
              ElementsAre(time_range{0, 10}));
}

TEST(TimeRanges, ALimitClosesTheSmallestGaps) {
  auto ranges = of({{0, 10}, {11, 20}, {100, 110}, {112, 120}, {500, 510}});
  limit(ranges, 5);
  EXPECT_EQ(ranges.size(), 5U);
  limit(ranges, 4);
  EXPECT_THAT(ranges, ElementsAre(time_range{0, 20}, time_range{100, 110},
                                  time_range{112, 120}, time_range{500, 510}));
  limit(ranges, 2);
  EXPECT_THAT(ranges, ElementsAre(time_range{0, 120}, time_range{500, 510}));
  limit(ranges, 1);
  EXPECT_THAT(ranges, ElementsAre(time_range{0, 510}));
}

TEST(TimeRanges, OfEqualGapsNoMoreAreClosedThanMustBe) {
  auto ranges = of({{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}});
  limit(ranges, 3);
  EXPECT_THAT(ranges, ElementsAre(time_range{0, 5}, time_range{6, 7},
                                  time_range{8, 9}));
}

TEST(TimeRanges, AreTheSetOfWhatWasAdded) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    std::uniform_int_distribution<std::int64_t> when{-60, 60};
    std::uniform_int_distribution<std::int64_t> length{-1, 9};
    std::set<std::int64_t> expected;
    time_ranges ranges;
    for (int i = 0; i < 20; ++i) {
      const auto from = when(random);
      const auto to = from + length(random);
      add(ranges, {from, to});
      for (auto each = from; each < to; ++each)
        expected.insert(each);
    }
    std::set<std::int64_t> got;
    for (const auto& each : ranges)
      for (auto second = each.from; second < each.to; ++second)
        got.insert(second);
    EXPECT_EQ(got, expected);
    for (std::size_t i = 1; i < ranges.size(); ++i)
      EXPECT_LT(ranges[i - 1].to, ranges[i].from);
    const auto whole = ranges;
    const auto count = std::max<std::size_t>(1, whole.size() / 2);
    limit(ranges, count);
    EXPECT_EQ(ranges.size(), std::min(count, whole.size()));
    auto both = ranges;
    add(both, whole);
    EXPECT_EQ(both, ranges) << "nothing is lost";
  }
}

} // namespace
} // namespace sluice::gold
