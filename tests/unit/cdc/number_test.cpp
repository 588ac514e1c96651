#include "cdc/number.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::cdc {

namespace {

using fit = scaled_number::fit;

void expect_scaled(std::string_view text, int scale, fit what, int128 value,
                   rounding mode = rounding::toward_zero) {
  const auto number = scale_number(text, scale, mode);
  EXPECT_EQ(number.what, what) << text;
  EXPECT_TRUE(number.value == value)
      << text << " gave " << static_cast<long long>(number.value);
}

} // namespace

TEST(Number, FollowsTheGrammarOfJson) {
  for (const auto* text : {"0", "-0", "10", "1.5", "1e5", "1E+3", "0E-8",
                           "12345678", "123456789.123456789e-12"})
    EXPECT_TRUE(is_json_number(text)) << text;
  for (const auto* text : {"", "-", "01", "+1", "1.", ".5", "1e", "1e+", "1a",
                           "1234567a", "12345678a", "0x1", "1.e5", "1 "})
    EXPECT_FALSE(is_json_number(text)) << text;
}

TEST(Number, PlainNumbersMayHaveSignsAndLeadingZeros) {
  for (const auto* text : {"+1", "007", "-00.50", "1E+3"})
    EXPECT_TRUE(is_plain_number(text)) << text;
  for (const auto* text : {"", "+", "+-1", "-+1", "NaN", "1,5", " 1", ".5"})
    EXPECT_FALSE(is_plain_number(text)) << text;
}

TEST(Number, IsScaledExactly) {
  expect_scaled("1.10", 2, fit::exact, 110);
  expect_scaled("-1234.11", 2, fit::exact, -123'411);
  expect_scaled("1E+3", 2, fit::exact, 100'000);
  expect_scaled("0E-8", 2, fit::exact, 0);
  expect_scaled("0e999999999999999999999", 2, fit::exact, 0);
  expect_scaled("100e-2", 0, fit::exact, 1);
  expect_scaled("0.000000000000000000001e21", 0, fit::exact, 1);
  expect_scaled("18446744073709551615", 0, fit::exact,
                int128{18'446'744'073'709'551'615U});
}

TEST(Number, SaysWhatIsLost) {
  expect_scaled("1.019", 2, fit::inexact, 101);
  expect_scaled("-1.019", 2, fit::inexact, -101);
  expect_scaled("-1.019", 2, fit::inexact, -102, rounding::down);
  expect_scaled("1.019", 2, fit::inexact, 101, rounding::down);
  expect_scaled("0.001", 2, fit::inexact, 0);
  expect_scaled("-1e-400", 2, fit::inexact, -1, rounding::down);
}

TEST(Number, SaturatesBeyondThirtyEightDigits) {
  const auto largest = power_of_ten(38) - 1;
  expect_scaled(std::string(38, '9'), 0, fit::exact, largest);
  expect_scaled("1" + std::string(38, '0'), 0, fit::overflow, largest);
  expect_scaled("-1e400", 0, fit::overflow, -largest);
  expect_scaled(std::string(400, '7'), 0, fit::overflow, largest);
  expect_scaled("1e99999999999999999999999", 38, fit::overflow, largest);
}

TEST(Number, RescalesDownward) {
  EXPECT_TRUE(rescale(-1, 1, 1000).value == -1);
  EXPECT_EQ(rescale(-1, 1, 1000).what, fit::inexact);
  EXPECT_TRUE(rescale(1999, 1, 1000).value == 1);
  EXPECT_TRUE(rescale(-2000, 1, 1000).value == -2);
  EXPECT_EQ(rescale(-2000, 1, 1000).what, fit::exact);
  EXPECT_EQ(rescale(power_of_ten(38), 1000, 1).what, fit::overflow);
}

} // namespace sluice::cdc
