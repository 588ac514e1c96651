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

schedule parse(std::string_view text) {
  auto result = schedule::parse(text);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error());
  return result.value();
}

std::string next(std::string_view text, std::string_view after) {
  const auto firing = parse(text).next_after(at(after));
  return firing ? format_utc(*firing) : "never";
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
    const auto result = schedule::parse(text);
    ASSERT_FALSE(result) << text;
    EXPECT_THAT(result.error(), HasSubstr("never fires"));
  }
}

TEST(Schedule, NamesThePartThatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto result = schedule::parse(text);
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
  const auto daily = parse("@daily").windows_at(at("2026-02-21"), days{1});
  ASSERT_EQ(daily.size(), 1U);
  EXPECT_EQ(daily[0].start, at("2026-02-20"));
}

TEST(Schedule, FiringStandsForAllWindowsSinceTheFiringBefore) {
  const auto hourly = parse("@daily").windows_at(at("2026-02-21"), hours{1});
  ASSERT_EQ(hourly.size(), 24U);
  EXPECT_EQ(hourly.front().start, at("2026-02-20"));
  EXPECT_EQ(hourly.back().end, at("2026-02-21"));
}

TEST(Schedule, FiringWithinAWindowRunsTheLastEndedOneOnceMore) {
  const auto again =
      parse("@hourly").windows_at(at("2026-02-21 05:00"), days{1});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].start, at("2026-02-20"));
}

TEST(Schedule, SurvivesTheFarFuture) {
  EXPECT_EQ(next("@daily", "9999-12-30"), "9999-12-31 00:00:00");
  const sys_seconds far{
      std::chrono::sys_days{std::chrono::year{32'000} / 1 / 1}};
  EXPECT_TRUE(parse("every 1s").next_after(far));
}

} // namespace
} // namespace sluice::gold
