#include "gold/zone_offsets.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/window.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;
using testing::HasSubstr;

std::string bytes_of(const std::string& zone) {
  std::ifstream in{"/usr/share/zoneinfo/" + zone, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string mistake_in(std::string_view bytes) {
  const auto parsed = parse_zone_file(bytes);
  return parsed ? "accepted" : parsed.error();
}

/// The changes of the year 1970 by a rule, in UTC, with hours of the offset.
std::string changes_of_1970(std::string_view rule) {
  zone_offsets offsets;
  if (!add_rule(rule, offsets))
    return "no rule";
  std::string result;
  for (const auto& [at, offset] : offsets.changes)
    if (at < sys_seconds{365 * 24h})
      result += (result.empty() ? "" : ", ") + format_utc(at) + " "
                + std::to_string(offset / 1min);
  return result;
}

TEST(ZoneRule, HasWeekdaysOfMonths) {
  EXPECT_EQ(changes_of_1970("CET-1CEST,M3.5.0,M10.5.0/3"),
            "1970-03-29 01:00:00 120, 1970-10-25 01:00:00 60");
  EXPECT_EQ(changes_of_1970("EST5EDT,M3.2.0,M11.1.0"),
            "1970-03-08 07:00:00 -240, 1970-11-01 06:00:00 -300");
  EXPECT_EQ(changes_of_1970("AEST-10AEDT,M10.1.0,M4.1.0/3"),
            "1970-04-04 16:00:00 600, 1970-10-03 16:00:00 660");
}

TEST(ZoneRule, HasQuotedNamesHoursBeyondADayAndWinterTime) {
  // America/Nuuk, America/Santiago, Europe/Dublin, Asia/Gaza.
  EXPECT_EQ(changes_of_1970("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
            "1970-03-29 01:00:00 -60, 1970-10-25 01:00:00 -120");
  EXPECT_EQ(changes_of_1970("<-04>4<-03>,M9.1.6/24,M4.1.6/24"),
            "1970-04-05 03:00:00 -240, 1970-09-06 04:00:00 -180");
  EXPECT_EQ(changes_of_1970("IST-1GMT0,M10.5.0,M3.5.0/1"),
            "1970-03-29 01:00:00 60, 1970-10-25 01:00:00 0");
  EXPECT_EQ(changes_of_1970("EET-2EEST,M3.4.4/50,M10.4.4/50"),
            "1970-03-28 00:00:00 180, 1970-10-23 23:00:00 120");
}

TEST(ZoneRule, HasDaysOfTheYearWithAndWithoutLeapDays) {
  // 60 is 1 March either way in a year of 365 days.
  EXPECT_EQ(changes_of_1970("AAA0BBB,J60/0,J365/1"),
            "1970-03-01 00:00:00 60, 1970-12-31 00:00:00 0");
  EXPECT_EQ(changes_of_1970("AAA0BBB,59/0,364/1"),
            "1970-03-01 00:00:00 60, 1970-12-31 00:00:00 0");
  zone_offsets leap;
  ASSERT_TRUE(add_rule("AAA0BBB,J60/0,59/23", leap));
  const auto changes_at = [&](std::string_view text) {
    return std::ranges::count(leap.changes, parse_utc(text).value(),
                              &offset_change::at);
  };
  EXPECT_EQ(changes_at("1972-03-01 00:00"), 1);
  EXPECT_EQ(changes_at("1972-02-29 22:00"), 1);
}

TEST(ZoneRule, OfSummerAllYearLongNeverLeavesIt) {
  zone_offsets offsets;
  ASSERT_TRUE(add_rule("XXX3EDT4,0/0,J365/23", offsets));
  // The rule ends with the last year that it is worked out for.
  for (const auto& [at, offset] : offsets.changes) {
    if (at < parse_utc("2108-01-01").value()) {
      EXPECT_EQ(offset, -4h) << format_utc(at);
    }
  }
  EXPECT_FALSE(offsets.changes.empty());
}

TEST(ZoneRule, WithoutSummerChangesNothing) {
  EXPECT_EQ(changes_of_1970("<+0545>-5:45"), "");
  EXPECT_EQ(changes_of_1970(""), "");
}

TEST(ZoneRule, EndsWithTheLastWindow) {
  zone_offsets offsets;
  ASSERT_TRUE(add_rule("CET-1CEST,M3.5.0,M10.5.0/3", offsets));
  EXPECT_GT(offsets.changes.back().at, parse_utc("2107-10-01").value());
  EXPECT_LT(offsets.changes.size(), 400U);
}

TEST(ZoneRule, ThatCannotBeReadChangesNothing) {
  for (const auto* text :
       {"C-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-25",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1CEST,J0,J365", "CET-1CEST,366,1",
        "<CET-1", "CET-1:60", "CET-99999999999999999999", "CET-1CEST,,",
        "CET-1CEST2,"}) {
    zone_offsets offsets;
    EXPECT_FALSE(add_rule(text, offsets)) << text;
    EXPECT_EQ(offsets, zone_offsets{}) << text;
  }
}

TEST(ZoneFile, ThatIsCutAnywhereIsRefused) {
  const auto whole = bytes_of("Europe/Berlin");
  ASSERT_EQ(mistake_in(whole), "accepted");
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_NE(mistake_in(std::string_view{whole}.substr(0, size)), "accepted")
        << size;
}

TEST(ZoneFile, WithAnyByteBrokenIsReadOrRefusedButNeverHarms) {
  const auto whole = bytes_of("America/New_York");
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      auto broken = whole;
      broken[i] =
          static_cast<char>(static_cast<unsigned char>(broken[i]) ^ flip);
      refused += mistake_in(broken) == "accepted" ? 0U : 1U;
    }
  EXPECT_GT(refused, 100U);
}

TEST(ZoneFile, OfLeapSecondsOrAnOldVersionIsRefusedByName) {
  auto old = bytes_of("Europe/Berlin");
  old[4] = '\0';
  EXPECT_THAT(mistake_in(old), HasSubstr("version 1"));
  EXPECT_THAT(mistake_in(bytes_of("right/Europe/Berlin")),
              HasSubstr("leap seconds"));
  EXPECT_THAT(mistake_in("root:x:0:0:root"), HasSubstr("no time zone file"));
}

} // namespace
} // namespace sluice::gold
