#include "gold/window.hpp"

#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds at(std::string_view text) { return parse_utc(text).value(); }

TEST(Window, ContainsItsStartAndNotItsEnd) {
  const window day{at("2026-02-20"), at("2026-02-21")};
  EXPECT_EQ(align(at("2026-02-20 00:00:00"), days{1}), day);
  EXPECT_EQ(align(at("2026-02-20 23:59:59"), days{1}), day);
  EXPECT_EQ(align(at("2026-02-21"), days{1}).start, day.end);
}

TEST(Window, AlignsTimesBefore1970Downwards) {
  const auto before = align(sys_seconds{seconds{-1}}, days{1});
  EXPECT_EQ(before.end, sys_seconds{});
  EXPECT_FALSE(is_storable(before));
}

TEST(Window, OfSevenDaysBeginsOnAThursdayLike1970) {
  EXPECT_EQ(align(at("2026-02-20"), days{7}).start, at("2026-02-19"));
}

TEST(Window, HasEndedOnlyAfterItsLateness) {
  EXPECT_EQ(last_ended(at("2026-02-21 00:00"), days{1}, 0s).start,
            at("2026-02-20"));
  EXPECT_EQ(last_ended(at("2026-02-21 00:00"), days{1}, 600s).start,
            at("2026-02-19"));
  EXPECT_EQ(last_ended(at("2026-02-21 00:10"), days{1}, 600s).start,
            at("2026-02-20"));
}

TEST(Window, BetweenTwoTimesIsEveryOneThatTheyTouch) {
  const auto some =
      windows_between(at("2026-02-20 06:00"), at("2026-02-22 00:00"), days{1});
  ASSERT_EQ(some.size(), 2U);
  EXPECT_EQ(some[0].start, at("2026-02-20"));
  EXPECT_EQ(some[1].end, at("2026-02-22"));
  EXPECT_TRUE(windows_between(at("2026-02-20"), at("2026-02-20"), 1h).empty());
  EXPECT_TRUE(windows_between(at("2026-02-21"), at("2026-02-20"), 1h).empty());
}

TEST(Window, BetweenFarTimesIsBoundedToTheNewest) {
  const auto many = windows_between(at("1970-01-01"), at("2026-02-20"), 1s);
  EXPECT_EQ(many.size(), windows_max);
  EXPECT_EQ(many.back().end, at("2026-02-20"));
}

TEST(Window, IsWrittenAndReadInUtc) {
  const window day{at("2026-02-20"), at("2026-02-21")};
  EXPECT_EQ(to_string(day), "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
  EXPECT_EQ(format_utc(at("2026-02-20T06:07:08Z")), "2026-02-20 06:07:08");
  EXPECT_EQ(at("2026-02-20 06:07"), at("2026-02-20") + 6h + 7min);
}

TEST(Window, RefusesWhatIsNoTime) {
  for (const auto* text :
       {"", "2026", "2026-02-30", "2026-2-20", "2026-02-20 24:00",
        "2026-02-20 06:60", "2026-02-20T06:00:00+01:00", "2026-02-20x",
        "2026-02-20 06:00:61", "yesterday", "2026-02-20Z"})
    EXPECT_FALSE(parse_utc(text)) << text;
  EXPECT_NE(parse_utc("x").error().find("2026-02-20"), std::string::npos);
}

TEST(Window, BeyondDateTimeIsNotStorable) {
  EXPECT_TRUE(is_storable({at("2106-02-06"), at("2106-02-07")}));
  EXPECT_FALSE(is_storable({at("2106-02-07"), at("2106-02-08")}));
}

} // namespace
} // namespace sluice::gold
