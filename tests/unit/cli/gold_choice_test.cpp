#include "cli/gold_choice.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::HasSubstr;

topology::gold daily() {
  topology::gold result;
  result.name = "activity";
  return result;
}

TEST(FindGold, NamesTheNearestOfThoseThatThereAre) {
  topology::topology what;
  what.golds = {daily()};
  EXPECT_EQ(find_gold(what, "activity")->name, "activity");
  EXPECT_THAT(find_gold(what, "activty").error(),
              HasSubstr("did you mean 'activity'?"));
  EXPECT_THAT(find_gold({}, "activity").error(),
              HasSubstr("has no gold tables"));
}

TEST(WindowsOf, IsTheWindowThatContainsTheStartWithoutAnEnd) {
  const auto windows = windows_of(daily(), "2026-02-20T13:00:00Z", "");
  ASSERT_TRUE(windows);
  ASSERT_EQ(windows->size(), 1U);
  EXPECT_EQ(to_string(windows->front()),
            "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
}

TEST(WindowsOf, LeavesTheEndOut) {
  EXPECT_EQ(windows_of(daily(), "2026-02-18", "2026-02-21")->size(), 3U);
}

TEST(WindowsOf, ReadsTimesWithoutAZInTheZoneOfTheGold) {
  auto gold = daily();
  gold.window.unit = topology::window_unit::day;
  gold.timezone = "Europe/Berlin";
  const auto windows = windows_of(gold, "2026-03-29", "2026-03-30");
  ASSERT_TRUE(windows);
  ASSERT_EQ(windows->size(), 1U);
  EXPECT_EQ(to_string(windows->front()),
            "2026-03-28T23:00:00Z/2026-03-29T22:00:00Z");
  EXPECT_EQ(
      windows_of(gold, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z")->size(),
      2U);
  gold.timezone = "Europe/Berln";
  EXPECT_THAT(windows_of(gold, "2026-03-29", "").error(),
              HasSubstr("did you mean 'Europe/Berlin'?"));
}

TEST(WindowsOf, AreAllThatContainTheStartWhenTheyOverlap) {
  auto gold = daily();
  gold.window.hop = std::chrono::hours{6};
  const auto windows = windows_of(gold, "2026-02-20 13:00", "");
  ASSERT_TRUE(windows);
  ASSERT_EQ(windows->size(), 4U);
  EXPECT_EQ(to_string(windows->front()),
            "2026-02-19T18:00:00Z/2026-02-20T18:00:00Z");
}

TEST(WindowsOf, RefusesWhatNamesNoWindow) {
  EXPECT_THAT(windows_of(daily(), "yesterday", "").error(),
              HasSubstr("--from: "));
  EXPECT_THAT(windows_of(daily(), "2026-02-20", "soon").error(),
              HasSubstr("--to: "));
  EXPECT_THAT(windows_of(daily(), "2026-02-20", "2026-02-20").error(),
              HasSubstr("--to must be later"));
}

TEST(WindowsOf, RefusesMoreWindowsThanOneRequestMayName) {
  EXPECT_THAT(windows_of(daily(), "1970-01-01", "2026-02-20").error(),
              HasSubstr("10000 windows"));
}

} // namespace
} // namespace sluice::cli
