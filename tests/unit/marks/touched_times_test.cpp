#include "marks/touched_times.hpp"

#include <random>
#include <set>

#include <gmock/gmock.h>

namespace sluice::marks {
namespace {

using namespace std::chrono_literals;
using gold::time_range;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t hour = 3'600;

topology::gold fixed(seconds every, seconds hop = 0s) {
  topology::gold result;
  result.window.every = every;
  result.window.hop = hop;
  return result;
}

topology::gold calendar(topology::window_unit unit) {
  topology::gold result;
  result.window.unit = unit;
  result.timezone = "Europe/Berlin";
  return result;
}

gold::window_rule rule_of(const topology::gold& gold) {
  return gold::window_rule::make(gold).value();
}

constexpr time_bounds any_time{-1'000'000'000'000, 1'000'000'000'000};

gold::time_ranges ranges_of(const topology::gold& gold,
                            const std::vector<std::int64_t>& times,
                            const time_bounds& bounds = any_time) {
  const auto rule = rule_of(gold);
  touched_times touched{rule, bounds};
  for (const auto each : times)
    touched.add(each);
  return touched.ranges(rule);
}

TEST(TouchedTimes, AreWholeWindows) {
  EXPECT_THAT(ranges_of(fixed(1h), {}), IsEmpty());
  EXPECT_THAT(ranges_of(fixed(1h), {5, hour - 1, 0}),
              ElementsAre(time_range{0, hour}));
  EXPECT_THAT(
      ranges_of(fixed(1h), {5 * hour, -1, 0}),
      ElementsAre(time_range{-hour, hour}, time_range{5 * hour, 6 * hour}));
  EXPECT_THAT(ranges_of(fixed(1h), {-2'208'988'800, 10'413'791'999}),
              ElementsAre(time_range{-2'208'988'800, -2'208'985'200},
                          time_range{10'413'788'400, 10'413'792'000}));
}

TEST(TouchedTimes, OfHoppingWindowsAreHops) {
  EXPECT_THAT(ranges_of(fixed(4h, 1h), {5 * hour + 7}),
              ElementsAre(time_range{5 * hour, 6 * hour}));
}

TEST(TouchedTimes, OfCalendarWindowsFollowTheClocks) {
  // 2026-03-29 in Berlin has 23 hours.
  const std::int64_t begin = 1'774'738'800;
  EXPECT_THAT(ranges_of(calendar(topology::window_unit::day), {begin + hour}),
              ElementsAre(time_range{begin, begin + 23 * hour}));
  EXPECT_THAT(
      ranges_of(calendar(topology::window_unit::day), {begin - 1, begin}),
      ElementsAre(time_range{begin - 24 * hour, begin + 23 * hour}));
}

TEST(TouchedTimes, OutsideOfTheBoundsAreCountedAndTouchNothing) {
  const auto rule = rule_of(fixed(1h));
  touched_times touched{rule, {1'000, 9'000}};
  EXPECT_EQ(touched.newest(), std::nullopt);
  for (const auto each : {0, 999, 9'001, 100'000})
    touched.add(each);
  EXPECT_EQ(touched.newest(), std::nullopt);
  EXPECT_THAT(touched.ranges(rule), IsEmpty());
  EXPECT_EQ(touched.outside(), 4U);
  for (const auto each : {1'000, 999, 9'000, 9'001, 1'001})
    touched.add(each);
  EXPECT_EQ(touched.newest(), 9'000);
  EXPECT_EQ(touched.outside(), 6U);
  EXPECT_THAT(touched.ranges(rule),
              ElementsAre(time_range{0, hour}, time_range{7'200, 10'800}));
}

TEST(TouchedTimes, TheNewestIsTheGreatestOfAll) {
  const auto rule = rule_of(fixed(1h));
  touched_times touched{rule, any_time};
  touched.add(100);
  touched.add(3'000);
  touched.add(200);
  EXPECT_EQ(touched.newest(), 3'000);
  touched.add(-100);
  EXPECT_EQ(touched.newest(), 3'000);
}

TEST(TouchedTimes, AGranuleThatBeginsBeforeTheBoundsCounts) {
  const auto rule = rule_of(fixed(1h));
  touched_times touched{rule, {hour + 1'000, 9'000}};
  touched.add_granule(hour);
  EXPECT_THAT(touched.ranges(rule), ElementsAre(time_range{hour, 2 * hour}));
  touched.add_granule(0);
  touched.add_granule(3 * hour);
  EXPECT_EQ(touched.outside(), 2U);
  EXPECT_THAT(touched.ranges(rule), ElementsAre(time_range{hour, 2 * hour}));
}

TEST(TouchedTimes, BoundsReachFromTheOldestToAheadOfNow) {
  topology::gold_window window;
  window.oldest = sys_seconds{500s};
  window.ahead = 60s;
  const auto bounds = bounds_of(window, sys_seconds{1'000s});
  EXPECT_TRUE(bounds.hold(500));
  EXPECT_TRUE(bounds.hold(1'060));
  EXPECT_FALSE(bounds.hold(499));
  EXPECT_FALSE(bounds.hold(1'061));
}

TEST(TouchedTimes, VeryManyBecomeFewerRangesAndNoneIsLost) {
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 20'000; ++i)
    times.push_back(i * 3 * hour + (i % 7 == 0 ? hour : 0));
  const auto ranges = ranges_of(fixed(1h), times);
  EXPECT_EQ(ranges.size(), touched_ranges_max);
  for (const auto each : times)
    EXPECT_TRUE(std::ranges::any_of(ranges, [each](const time_range& range) {
      return range.from <= each && each < range.to;
    })) << each;
}

TEST(TouchedTimes, TouchTheWindowsThatTheyAreInAndNoOther) {
  const std::vector<topology::gold> golds{
      fixed(1h),
      fixed(1s),
      fixed(7 * 24h),
      fixed(60min, 5min),
      calendar(topology::window_unit::day),
      calendar(topology::window_unit::week),
      calendar(topology::window_unit::month)};
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random{seed};
    const auto& gold = golds[seed % golds.size()];
    const auto rule = rule_of(gold);
    // Around the days on which clocks are changed, too.
    std::uniform_int_distribution<std::int64_t> begin{315'532'800,
                                                      1'900'000'000};
    std::uniform_int_distribution<std::int64_t> step{-9'000, 9'000};
    const auto first = seed % 3 == 0 ? 1'774'738'800 : begin(random);
    const time_bounds bounds{first - 20'000, first + 40'000};
    touched_times touched{rule, bounds};
    std::set<gold::window> expected;
    std::uint64_t outside = 0;
    auto when = first;
    for (int i = 0; i < 60; ++i) {
      when += random() % 3 == 0 ? step(random) * 10 : step(random) / 100;
      touched.add(when);
      if (!bounds.hold(when)) {
        ++outside;
        continue;
      }
      for (const auto& each : rule.containing(sys_seconds{seconds{when}}))
        expected.insert(each);
    }
    std::set<gold::window> got;
    for (const auto& range : touched.ranges(rule))
      for (const auto& each : rule.touching(sys_seconds{seconds{range.from}},
                                            sys_seconds{seconds{range.to}}))
        got.insert(each);
    EXPECT_EQ(got, expected);
    EXPECT_EQ(touched.outside(), outside);
  }
}

} // namespace
} // namespace sluice::marks
