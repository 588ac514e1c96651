#include "cdc/civil_time.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::cdc {

namespace {

void expect_microseconds(std::string_view text, std::int64_t microseconds) {
  const auto time = parse_time(text);
  ASSERT_TRUE(time) << text;
  EXPECT_TRUE(time->nanoseconds == int128{microseconds} * 1000) << text;
}

} // namespace

TEST(CivilTime, ReadsTheFormsOfDebeziumAndMongodb) {
  expect_microseconds("2016-11-04T11:51:30.123456Z", 1'478'260'290'123'456);
  expect_microseconds("2016-11-04T11:51:30Z", 1'478'260'290'000'000);
  expect_microseconds("2016-11-04T11:51:30.1Z", 1'478'260'290'100'000);
  expect_microseconds("2016-11-04T11:51:30+02:00", 1'478'253'090'000'000);
  expect_microseconds("2016-11-04T11:51:30+0200", 1'478'253'090'000'000);
  expect_microseconds("2016-11-04T11:51:30-02", 1'478'267'490'000'000);
  expect_microseconds("+21016-11-04T06:51:30.123456Z", 601'060'287'090'123'456);
  expect_microseconds("1900-01-01T00:00:00Z", -2'208'988'800'000'000);
  expect_microseconds("2016-11-04", 17'109LL * 86'400'000'000);
  expect_microseconds("2017-09-15Z", 17'424LL * 86'400'000'000);
  expect_microseconds("2024-02-29T00:00:00Z", 1'709'164'800'000'000);
}

TEST(CivilTime, ReadsNineDigitsOfAFraction) {
  const auto time = parse_time("1970-01-01T00:00:00.123456789Z");
  ASSERT_TRUE(time);
  EXPECT_TRUE(time->nanoseconds == 123'456'789);
}

TEST(CivilTime, ReadsYearsBeforeTheFirst) {
  expect_microseconds("-4712-12-31T23:59:59.999999Z", -210'831'897'600'000'001);
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(days_from_civil(1, 1, 1), -719'162);
  EXPECT_EQ(days_from_civil(0, 3, 1), -719'468);
}

TEST(CivilTime, KnowsTheInfinities) {
  EXPECT_EQ(parse_time("infinity")->what,
            point_in_time::form::positive_infinity);
  EXPECT_EQ(parse_time("-infinity")->what,
            point_in_time::form::negative_infinity);
}

TEST(CivilTime, RefusesWhatIsAmbiguousOrNoTime) {
  for (const auto* text : {"",
                           "2016-11-04 11:51:30",
                           "2016-11-04T11:51:30",
                           "2016-11-04T11:51Z",
                           "2016-11-04T24:00:00Z",
                           "2016-11-04T11:60:00Z",
                           "2016-11-04T11:51:60Z",
                           "2016-13-04T11:51:30Z",
                           "2016-00-04T11:51:30Z",
                           "2016-11-31T11:51:30Z",
                           "2023-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "16-11-04T11:51:30Z",
                           "21016-11-04T11:51:30Z",
                           "2016-11-04T11:51:30.Z",
                           "2016-11-04T11:51:30.1234567890Z",
                           "2016-11-04T11:51:30+2",
                           "2016-11-04T11:51:30+02:",
                           "2016-11-04T11:51:30Zx",
                           "Infinity",
                           "now",
                           "+9999999999-01-01T00:00:00Z",
                           "11:51:30Z"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(CivilTime, FormatsWhatItReads) {
  EXPECT_EQ(format_milliseconds(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_milliseconds(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_milliseconds(1'783'101'585'729), "2026-07-03T17:59:45.729Z");
  for (std::int64_t ms = -6'000'000'000'000'000; ms < 6'000'000'000'000'000;
       ms += 86'399'999'321'987) {
    auto text = format_milliseconds(ms);
    if (text.find('-', 1) != 4)
      continue;
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_TRUE(time->nanoseconds == int128{ms} * 1'000'000) << text;
  }
}

} // namespace sluice::cdc
