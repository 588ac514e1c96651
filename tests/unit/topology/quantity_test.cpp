#include "topology/quantity.hpp"

#include <gtest/gtest.h>

namespace sluice::topology {

using namespace std::chrono_literals;

TEST(Quantity, DurationsHaveANumberAndAUnit) {
  EXPECT_EQ(parse_duration("100ms"), 100ms);
  EXPECT_EQ(parse_duration("1s"), 1s);
  EXPECT_EQ(parse_duration("10 minutes"), 10min);
  EXPECT_EQ(parse_duration("1 day"), 24h);
  EXPECT_EQ(parse_duration("6h"), 6h);
  EXPECT_EQ(parse_duration("2 weeks"), 336h);
  EXPECT_EQ(parse_duration("90 sec"), 90s);
  EXPECT_EQ(parse_duration("0"), 0ms);
}

TEST(Quantity, WhatIsNoDurationIsRefused) {
  for (const auto* text :
       {"", "5", "s", "1.5s", "-1s", "+1s", "1 month", "1 M", "6H", "1s ",
        " 1s", "1 s s", "0x10s", "99999999999999999999s", "101 years",
        "36601 days", "9223372036854775807ms"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Quantity, BytesTakeBinaryAndDecimalUnits) {
  EXPECT_EQ(parse_bytes("64MiB"), 64U << 20U);
  EXPECT_EQ(parse_bytes("32MB"), 32'000'000U);
  EXPECT_EQ(parse_bytes("1 gib"), 1U << 30U);
  EXPECT_EQ(parse_bytes("500KB"), 500'000U);
  EXPECT_EQ(parse_bytes("4096"), 4096U);
  EXPECT_EQ(parse_bytes("12B"), 12U);
}

TEST(Quantity, WhatIsNoSizeIsRefused) {
  for (const auto* text : {"", "MB", "1.5MB", "-1", "64 mebibytes", "1TB",
                           "99999999999GB", "18446744073709551616"})
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

TEST(Quantity, CountsMayHaveUnderscoresBetweenDigits) {
  EXPECT_EQ(parse_count("500000"), 500'000);
  EXPECT_EQ(parse_count("500_000"), 500'000);
  EXPECT_EQ(parse_count("-3"), -3);
  EXPECT_EQ(parse_count("0"), 0);
  for (const auto* text : {"", "-", "_1", "1_", "1__0", "1.0", "1e3", "0x1",
                           "+1", "--1", "1 ", "99999999999999999999"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

TEST(Quantity, NumbersAreDecimalAndPlain) {
  EXPECT_EQ(parse_number("10"), 10.0);
  EXPECT_EQ(parse_number("0.5"), 0.5);
  EXPECT_EQ(parse_number("0"), 0.0);
  for (const auto* text : {"", "-1", "+1", ".5", "5.", "1e3", "inf", "nan",
                           "1.2.3", "1 ", "0x1", "1,5"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  EXPECT_EQ(number_to_text(10), "10");
  EXPECT_EQ(number_to_text(0.01), "0.01");
  EXPECT_EQ(parse_number(number_to_text(1.0 / 3)), 1.0 / 3);
}

TEST(Quantity, InstantsAreDatesOrRfc3339) {
  const std::chrono::sys_seconds day = std::chrono::sys_days{2026y / 2 / 18};
  EXPECT_EQ(parse_instant("2026-02-18"), day);
  EXPECT_EQ(parse_instant("2026-02-18T00:00:00Z"), day);
  EXPECT_EQ(parse_instant("2026-02-18t06:30:01z"), day + 6h + 30min + 1s);
  EXPECT_EQ(parse_instant("2026-02-18 06:00:00+01:00"), day + 5h);
  EXPECT_EQ(parse_instant("2026-02-18T06:00:00-05:30"), day + 11h + 30min);
  EXPECT_EQ(parse_instant("2024-02-29"), std::chrono::sys_days{2024y / 2 / 29});
}

TEST(Quantity, WhatIsNoInstantIsRefused) {
  for (const auto* text : {"",
                           "2026",
                           "2026-02",
                           "2026-02-30",
                           "2025-02-29",
                           "2026-13-01",
                           "2026-2-8",
                           "2026/02/18",
                           "1969-12-31",
                           "2106-01-01",
                           "2026-02-18T",
                           "2026-02-18T06:00",
                           "2026-02-18T06:00:00",
                           "2026-02-18T24:00:00Z",
                           "2026-02-18T06:60:00Z",
                           "2026-02-18T06:00:60Z",
                           "2026-02-18T06:00:00.5Z",
                           "2026-02-18T06:00:00+1",
                           "yesterday",
                           "2026-02-18T06:00:00+24:00",
                           "2026-02-18x"})
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
}

TEST(Quantity, TextsReadBackAsWhatTheyStandFor) {
  for (const auto duration : {0ms, 1ms, 1500ms, 1000ms, 60'000ms, 300'000ms,
                              3'600'000ms, 86'400'000ms, 172'800'000ms})
    EXPECT_EQ(parse_duration(to_text(duration)), duration);
  for (const std::uint64_t bytes :
       {0ULL, 1ULL, 1000ULL, 1024ULL, 1536ULL, 64ULL << 20U, 3ULL << 30U})
    EXPECT_EQ(parse_bytes(bytes_to_text(bytes)), bytes);
  EXPECT_EQ(to_text(24h), "1 day");
  EXPECT_EQ(to_text(5min), "5 minutes");
  EXPECT_EQ(bytes_to_text(64U << 20U), "64MiB");
}

} // namespace sluice::topology
