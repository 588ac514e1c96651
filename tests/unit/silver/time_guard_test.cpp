#include "silver/time_guard.hpp"

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// 2026-02-20 00:00:00 UTC, in milliseconds and in days.
constexpr std::int64_t then = 1'771'545'600'000;
constexpr std::int64_t today = 20'504;
constexpr std::int64_t first_of_2020 = 1'577'836'800;

/// A zone whose dates begin `east` before those of UTC.
time_guard guard(std::chrono::seconds ahead = 1h,
                 std::chrono::seconds east = 0s) {
  topology::gold gold;
  gold.name = "sales";
  gold.window.over_column = "created_at";
  gold.window.oldest =
      std::chrono::sys_seconds{std::chrono::seconds{first_of_2020}};
  gold.window.ahead = ahead;
  return {gold, 1,
          [east](std::int64_t days) { return days * 86'400 - east.count(); }};
}

template <class T>
column_buffer column(std::string_view type, T value) {
  column_buffer result{*parse_column_type(type)};
  result.append(value);
  return result;
}

bool lets_in_seconds(std::int64_t seconds, std::int64_t timestamp_ms = then) {
  return guard().lets_in(
      column("DateTime", static_cast<std::uint32_t>(seconds)), timestamp_ms);
}

TEST(TimeGuard, LetsInWhatLiesBetweenItsBoundsWhichAreBothIn) {
  EXPECT_FALSE(lets_in_seconds(0));
  EXPECT_FALSE(lets_in_seconds(first_of_2020 - 1));
  EXPECT_TRUE(lets_in_seconds(first_of_2020));
  EXPECT_TRUE(lets_in_seconds(then / 1000 + 3600));
  EXPECT_FALSE(lets_in_seconds(then / 1000 + 3601));
}

TEST(TimeGuard, TheNewestSecondIsInWholly) {
  const auto lets_in = [](std::int64_t milliseconds) {
    return guard().lets_in(column("DateTime64(3)", milliseconds), then);
  };
  EXPECT_TRUE(lets_in(then + 3'600'999));
  EXPECT_FALSE(lets_in(then + 3'601'000));
  EXPECT_FALSE(lets_in(first_of_2020 * 1000 - 1));
  EXPECT_FALSE(lets_in(-1));
  EXPECT_FALSE(lets_in(7'258'118'400'000)) << "the year 2200";
}

TEST(TimeGuard, WithoutATimestampOnlyTheEndOfDateTimeIsTooLate) {
  EXPECT_TRUE(lets_in_seconds(4'294'967'295, -1));
  EXPECT_FALSE(guard().lets_in(
      column("DateTime64(0)", std::int64_t{4'294'967'296}), -1));
  EXPECT_FALSE(lets_in_seconds(first_of_2020 - 1, -1));
}

TEST(TimeGuard, ATimestampOfTheFarFutureDoesNotOpenIt) {
  const auto times = column("DateTime64(0)", std::int64_t{4'294'967'296});
  EXPECT_FALSE(
      guard().lets_in(times, std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(
      lets_in_seconds(4'294'967'295, std::numeric_limits<std::int64_t>::max()));
}

TEST(TimeGuard, LooksAtTheLastRowOnly) {
  auto times = column("DateTime", std::uint32_t{0});
  times.append(static_cast<std::uint32_t>(then / 1000));
  EXPECT_TRUE(guard().lets_in(times, then));
  times.append(std::uint32_t{0});
  EXPECT_FALSE(guard().lets_in(times, then));
}

TEST(TimeGuard, NullIsNoTimeAndIsLetIn) {
  column_buffer times{*parse_column_type("Nullable(DateTime)")};
  times.append_null();
  EXPECT_TRUE(guard().lets_in(times, then));
  times.append(std::uint32_t{0});
  EXPECT_FALSE(guard().lets_in(times, then));
}

TEST(TimeGuard, ADateIsWhereItBeginsInTheGoldsZone) {
  const auto lets_in = [](std::int64_t days, std::chrono::seconds ahead,
                          std::chrono::seconds east) {
    return guard(ahead, east)
        .lets_in(column("Date", static_cast<std::uint16_t>(days)), then);
  };
  EXPECT_TRUE(lets_in(today, 0s, 0s));
  EXPECT_FALSE(lets_in(today + 1, 0s, 0s));
  EXPECT_FALSE(lets_in(today, 0s, -1h)) << "it begins an hour later there";
  EXPECT_TRUE(lets_in(today + 1, 11h, 13h)) << "it has begun there";
  EXPECT_FALSE(lets_in(today + 1, 10h, 13h));
  const auto first = first_of_2020 / 86'400;
  EXPECT_TRUE(lets_in(first, 0s, 0s));
  EXPECT_FALSE(lets_in(first, 0s, 1h));
  EXPECT_TRUE(lets_in(first, 0s, -1h));
  EXPECT_FALSE(lets_in(0, 0s, 0s));
  EXPECT_FALSE(guard().lets_in(column("Date32", std::int32_t{-25'567}), then));
  EXPECT_FALSE(guard().lets_in(column("Date32", std::int32_t{84'006}), then));
}

TEST(TimeGuard, NamesGoldColumnValueAndBounds) {
  EXPECT_EQ(guard().refusal(column("DateTime", std::uint32_t{1}), then),
            "column `created_at`: 1970-01-01 00:00:01 UTC is in no window of "
            "gold sales, which takes times from 2020-01-01 00:00:00 UTC "
            "(window.oldest) to 2026-02-20 01:00:00 UTC, the record's "
            "timestamp + window.ahead (1h)");
  EXPECT_THAT(guard().refusal(column("Date32", std::int32_t{84'006}), -1),
              HasSubstr("2200-01-01 is in no window of gold sales, which takes "
                        "times from 2020-01-01 00:00:00 UTC (window.oldest) to "
                        "2106-02-07 06:28:15 UTC, the last that ClickHouse's "
                        "DateTime has"));
}

} // namespace
} // namespace sluice::silver
