#include "gold/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_seconds;
using testing::HasSubstr;

sys_seconds at(std::string_view text) { return parse_utc(text).value(); }

schedule parse(std::string_view text, std::string_view zone = "UTC") {
  auto result = schedule::parse(text, time_zone::find(zone).value());
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error());
  return result.value();
}

std::string next(std::string_view text, std::string_view after,
                 std::string_view zone = "UTC") {
  const auto firing = parse(text, zone).next_after(at(after));
  return firing ? format_utc(*firing) : "never";
}

window_rule every(std::chrono::seconds length,
                  std::chrono::seconds hop = std::chrono::seconds{0}) {
  topology::gold gold;
  gold.window.every = length;
  gold.window.hop = hop;
  return window_rule::make(gold).value();
}

window_rule local_day(std::string zone) {
  topology::gold gold;
  gold.window.unit = topology::window_unit::day;
  gold.timezone = std::move(zone);
  return window_rule::make(gold).value();
}

TEST(Schedule, NicknamesFireOnTheHourDayMondayAndFirst) {
  EXPECT_EQ(next("@hourly", "2026-02-20 13:59:59"), "2026-02-20 14:00:00");
  EXPECT_EQ(next("@daily", "2026-02-20 13:00"), "2026-02-21 00:00:00");
  EXPECT_EQ(next("@midnight", "2026-02-28 23:59"), "2026-03-01 00:00:00");
  // 2026-02-20 is a Friday.
  EXPECT_EQ(next("@weekly", "2026-02-20"), "2026-02-23 00:00:00");
  EXPECT_EQ(next("@monthly", "2026-02-20"), "2026-03-01 00:00:00");
  EXPECT_EQ(next("@yearly", "2026-02-20"), "2027-01-01 00:00:00");
}

TEST(Schedule, NextIsStrictlyAfterAndLastMayBeNow) {
  EXPECT_EQ(next("@daily", "2026-02-20"), "2026-02-21 00:00:00");
  EXPECT_EQ(parse("@daily").last_until(at("2026-02-20")), at("2026-02-20"));
  EXPECT_EQ(parse("every 6h").last_until(at("2026-02-20 05:59:59")),
            at("2026-02-20"));
  EXPECT_EQ(parse("30 14 * * *").last_until(at("2026-02-20 14:29:59")),
            at("2026-02-19 14:30"));
}

TEST(Schedule, IntervalsAreAlignedTo1970) {
  EXPECT_EQ(next("every 6h", "2026-02-20 00:00"), "2026-02-20 06:00:00");
  EXPECT_EQ(next("every 10 minutes", "2026-02-20 00:05"),
            "2026-02-20 00:10:00");
  EXPECT_EQ(next("every day", "2026-02-20 00:05"), "2026-02-21 00:00:00");
  EXPECT_EQ(next(" every 2 weeks ", "1970-01-01"), "1970-01-15 00:00:00");
}

TEST(Schedule, CronTakesListsRangesStepsAndNames) {
  EXPECT_EQ(next("0,30 * * * *", "2026-02-20 00:00"), "2026-02-20 00:30:00");
  EXPECT_EQ(next("*/20 9-17/4 * * *", "2026-02-20 09:41"),
            "2026-02-20 13:00:00");
  EXPECT_EQ(next("5/25 0 * * *", "2026-02-20 00:06"), "2026-02-20 00:30:00");
  EXPECT_EQ(next("0 0 * * MON-wed", "2026-02-20"), "2026-02-23 00:00:00");
  EXPECT_EQ(next("0 0 1 jan,JUL *", "2026-02-20"), "2026-07-01 00:00:00");
  EXPECT_EQ(next("0 0 * * 7", "2026-02-20"), "2026-02-22 00:00:00");
  EXPECT_EQ(next("0 0 * * 5-7", "2026-02-21"), "2026-02-22 00:00:00");
}

TEST(Schedule, CronMatchesEitherDayFieldWhenBothAreRestricted) {
  // The 13th or a Friday.
  EXPECT_EQ(next("0 0 13 * fri", "2026-02-20"), "2026-02-27 00:00:00");
  EXPECT_EQ(next("0 0 13 * fri", "2026-03-06"), "2026-03-13 00:00:00");
  EXPECT_EQ(next("0 0 13 * fri", "2026-04-10"), "2026-04-13 00:00:00");
  // A field that begins with * is not restricted: both must match.
  EXPECT_EQ(next("0 0 */2 * fri", "2026-02-20"), "2026-02-27 00:00:00");
  EXPECT_EQ(next("0 0 */2 * fri", "2026-02-27"), "2026-03-13 00:00:00");
}

TEST(Schedule, CronReachesLeapDaysAndEndsOfMonths) {
  EXPECT_EQ(next("0 0 29 2 *", "2026-02-20"), "2028-02-29 00:00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2096-03-01"), "2104-02-29 00:00:00");
  EXPECT_EQ(next("0 0 31 * *", "2026-04-01"), "2026-05-31 00:00:00");
  EXPECT_EQ(parse("0 0 29 2 *").last_until(at("2103-01-01")), at("2096-02-29"));
}

TEST(Schedule, ThatNeverFiresIsRefused) {
  for (const auto* text : {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *"}) {
    const auto result = schedule::parse(text, time_zone{});
    ASSERT_FALSE(result) << text;
    EXPECT_THAT(result.error(), HasSubstr("never fires"));
  }
}

TEST(Schedule, NamesThePartThatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto result = schedule::parse(text, time_zone{});
    return result ? "accepted" : result.error();
  };
  EXPECT_THAT(error("@dayly"), HasSubstr("@daily"));
  EXPECT_THAT(error("every 6x"), HasSubstr("'every 6x'"));
  EXPECT_THAT(error("every 0h"), HasSubstr("interval"));
  EXPECT_THAT(error("every 6"), HasSubstr("interval"));
  EXPECT_THAT(error("every 99999999999999999999h"), HasSubstr("interval"));
  EXPECT_THAT(error("every 4000 days"), HasSubstr("ten years"));
  EXPECT_THAT(error("every"), HasSubstr("interval"));
  EXPECT_THAT(error("60 * * * *"), HasSubstr("'60' is no minute"));
  EXPECT_THAT(error("* 24 * * *"), HasSubstr("'24' is no hour"));
  EXPECT_THAT(error("* * 0 * *"), HasSubstr("no day of month"));
  EXPECT_THAT(error("* * * 13 *"), HasSubstr("no month"));
  EXPECT_THAT(error("* * * * funday"), HasSubstr("'funday' is no weekday"));
  EXPECT_THAT(error("5-1 * * * *"), HasSubstr("no minute"));
  EXPECT_THAT(error("*/0 * * * *"), HasSubstr("no minute"));
  EXPECT_THAT(error("1,, * * * *"), HasSubstr("no minute"));
  EXPECT_THAT(error("-1 * * * *"), HasSubstr("no minute"));
  EXPECT_THAT(error("* * * *"), HasSubstr("five fields"));
  EXPECT_THAT(error(""), HasSubstr("five fields"));
  EXPECT_THAT(error("watermark"), HasSubstr("@daily"));
  EXPECT_EQ(error("1/2147483647 * * * *"), "accepted");
}

TEST(Schedule, FiringStandsForTheWindowThatHasJustEnded) {
  const auto daily =
      parse("@daily").windows_at(at("2026-02-21"), every(days{1}));
  ASSERT_EQ(daily.size(), 1U);
  EXPECT_EQ(daily[0].start, at("2026-02-20"));
}

TEST(Schedule, FiringStandsForAllWindowsSinceTheFiringBefore) {
  const auto hourly =
      parse("@daily").windows_at(at("2026-02-21"), every(hours{1}));
  ASSERT_EQ(hourly.size(), 24U);
  EXPECT_EQ(hourly.front().start, at("2026-02-20"));
  EXPECT_EQ(hourly.back().end, at("2026-02-21"));
}

TEST(Schedule, FiringWithinAWindowRunsTheLastEndedOneOnceMore) {
  const auto again =
      parse("@hourly").windows_at(at("2026-02-21 05:00"), every(days{1}));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].start, at("2026-02-20"));
}

TEST(Schedule, FiringStandsForEachHoppingWindowThatHasEnded) {
  const auto windows = parse("@hourly").windows_at(
      at("2026-02-21 05:00"), every(hours{2}, minutes{30}));
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].end, at("2026-02-21 04:30"));
  EXPECT_EQ(windows[1].end, at("2026-02-21 05:00"));
}

TEST(Schedule, FiresByTheClocksOfItsZone) {
  EXPECT_EQ(next("@daily", "2026-02-20 13:00", "Europe/Berlin"),
            "2026-02-20 23:00:00");
  EXPECT_EQ(next("@daily", "2026-07-20 13:00", "Europe/Berlin"),
            "2026-07-20 22:00:00");
  EXPECT_EQ(next("@monthly", "2026-02-20", "America/New_York"),
            "2026-03-01 05:00:00");
  EXPECT_EQ(next("0 12 * * mon", "2026-02-20", "Asia/Kathmandu"),
            "2026-02-23 06:15:00");
  EXPECT_EQ(next("@hourly", "2026-02-20", "Asia/Kathmandu"),
            "2026-02-20 00:15:00");
  EXPECT_EQ(parse("@daily", "America/New_York").last_until(at("2026-02-20")),
            at("2026-02-19 05:00"));
}

TEST(Schedule, LocalTimeThatIsLeaptOverFiresAfterTheLeapAndOnce) {
  const std::string berlin = "Europe/Berlin";
  EXPECT_EQ(next("30 2 * * *", "2026-03-29", berlin), "2026-03-29 01:00:00");
  EXPECT_EQ(next("30 2 * * *", "2026-03-29 01:00", berlin),
            "2026-03-30 00:30:00");
  // Six times are leapt over, the seventh is when the clocks have leapt.
  EXPECT_EQ(next("*/10 * * * *", "2026-03-29 00:50", berlin),
            "2026-03-29 01:00:00");
  EXPECT_EQ(next("*/10 * * * *", "2026-03-29 01:00", berlin),
            "2026-03-29 01:10:00");
  EXPECT_EQ(parse("30 2 * * *", berlin).last_until(at("2026-03-29 12:00")),
            at("2026-03-29 01:00"));
  EXPECT_EQ(next("@daily", "2018-11-03 12:00", "America/Sao_Paulo"),
            "2018-11-04 03:00:00");
}

TEST(Schedule, LocalTimeThatIsShownTwiceFiresOnce) {
  const std::string berlin = "Europe/Berlin";
  EXPECT_EQ(next("30 2 * * *", "2026-10-25", berlin), "2026-10-25 00:30:00");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25 00:30", berlin),
            "2026-10-26 01:30:00");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25 01:15", berlin),
            "2026-10-26 01:30:00");
  EXPECT_EQ(parse("30 2 * * *", berlin).last_until(at("2026-10-25 01:45")),
            at("2026-10-25 00:30"));
}

TEST(Schedule, IntervalsOfHoursThatDivideADayAreLocal) {
  const std::string york = "America/New_York";
  EXPECT_EQ(next("every 6h", "2026-02-20 00:00", york), "2026-02-20 05:00:00");
  EXPECT_EQ(next("every 6h", "2026-02-20 05:00", york), "2026-02-20 11:00:00");
  EXPECT_EQ(next("every 6h", "2026-07-20 00:00", york), "2026-07-20 04:00:00");
  EXPECT_EQ(next("every day", "2026-02-20 13:00", york), "2026-02-21 05:00:00");
  EXPECT_EQ(next("every 24h", "2026-02-20 13:00", york), "2026-02-21 05:00:00");
  // These do not, and stay at multiples since 1970 UTC.
  EXPECT_EQ(next("every 5h", "1970-01-01 00:00", york), "1970-01-01 05:00:00");
  EXPECT_EQ(next("every 10 minutes", "2026-02-20", "Asia/Kathmandu"),
            "2026-02-20 00:10:00");
  EXPECT_EQ(next("every 2 days", "1970-01-01 01:00", york),
            "1970-01-03 00:00:00");
}

TEST(Schedule, EveryLocalMidnightRunsTheLocalDayBefore) {
  const auto rule = local_day("Europe/Berlin");
  const auto daily = parse("@daily", "Europe/Berlin");
  auto firing = at("2025-12-31 12:00");
  auto expected = rule.newest_containing(firing);
  for (int day = 0; day < 2 * 365; ++day) {
    firing = daily.next_after(firing).value();
    const auto windows = daily.windows_at(firing, rule);
    ASSERT_EQ(windows.size(), 1U) << format_utc(firing);
    ASSERT_EQ(windows[0], expected);
    ASSERT_EQ(daily.last_until(firing), firing);
    expected = rule.next(expected);
  }
}

TEST(Schedule, SurvivesTheFarFuture) {
  EXPECT_EQ(next("@daily", "9999-12-30"), "9999-12-31 00:00:00");
  const sys_seconds far{
      std::chrono::sys_days{std::chrono::year{32'000} / 1 / 1}};
  EXPECT_TRUE(parse("every 1s").next_after(far));
}

} // namespace
} // namespace sluice::gold
