#include "gold/window.hpp"

#include <gtest/gtest.h>

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

sys_seconds at(std::string_view text) { return parse_utc(text).value(); }

TEST(Window, IsWrittenAndReadInUtc) {
  const window day{at("2026-02-20"), at("2026-02-21")};
  EXPECT_EQ(to_string(day), "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
  EXPECT_EQ(format_utc(at("2026-02-20T06:07:08Z")), "2026-02-20 06:07:08");
  EXPECT_EQ(at("2026-02-20 06:07"), at("2026-02-20") + 6h + 7min);
}

TEST(Window, TimesWithoutAZAreOfTheZone) {
  const auto berlin = time_zone::find("Europe/Berlin").value();
  const auto read = [&](std::string_view text) {
    return format_instant(parse_time(text, berlin).value());
  };
  EXPECT_EQ(read("2026-02-20"), "2026-02-19T23:00:00Z");
  EXPECT_EQ(read("2026-07-20 06:00"), "2026-07-20T04:00:00Z");
  EXPECT_EQ(read("2026-07-20T06:00:00Z"), "2026-07-20T06:00:00Z");
  EXPECT_EQ(read("2026-03-29 02:30"), "2026-03-29T01:00:00Z");
  EXPECT_NE(parse_time("soon", berlin).error().find("without it Europe/Berlin"),
            std::string::npos);
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
