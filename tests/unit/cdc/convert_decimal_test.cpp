#include <gtest/gtest.h>

#include <string>

#include "convert_value.hpp"

namespace sluice::cdc_test {

TEST(Decimals, ComeFromBase64AtTheColumnsScale) {
  EXPECT_EQ(convert("Decimal(10, 2)", "\"AUo=\""), "3.30");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"/h3t\""), "-1234.11");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"AeIT\""), "1234.11");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"AA==\""), "0.00");
  EXPECT_EQ(convert("Decimal(3, 2)", "\"bg==\""), "1.10");
  EXPECT_EQ(convert("Decimal(38, 3)", "\"F8bjwqHo0RQZ/Jj5o9PW\""),
            "123456789876543212345678987654321.110");
  EXPECT_EQ(convert("Decimal(20, 0)", "\"AP//////////\""),
            "18446744073709551615");
}

TEST(Decimals, RefuseBadBase64) {
  for (const auto* json : {"\"\"", "\"A\"", "\"AUo\"", "\"AU=o\"", "\"AU-_\"",
                           "\"AUo==\"", "\"====\"", "\"AUp=\"", "\"hello!\""})
    EXPECT_EQ(convert("Decimal(10, 2)", json), "!bad_encoding") << json;
}

TEST(Decimals, ComeFromVariableScaleStructs) {
  EXPECT_EQ(convert("Decimal(10, 4)", R"({"scale":4,"value":"AYr3"})"),
            "10.1111");
  EXPECT_EQ(convert("Decimal(10, 2)", R"({"scale":4,"value":"AYr3"})"),
            "!inexact");
  EXPECT_EQ(convert("Decimal(10, 2)", R"({"value":"Cg==","scale":1})"), "1.00");
  EXPECT_EQ(convert("Decimal(38, 0)",
                    R"({"scale":0,"value":"DJ8snNBGdO3qQAAAAA=="})"),
            "1000000000000000000000000000000");
  EXPECT_EQ(convert("Decimal(38, 2)", R"({"scale":-30,"value":"Cg=="})"),
            "10000000000000000000000000000000.00");
  EXPECT_EQ(convert("Decimal(38, 2)", R"({"scale":-40,"value":"Cg=="})"),
            "!out_of_range");
  EXPECT_EQ(convert("Decimal(38, 2)", R"({"scale":4000,"value":"Cg=="})"),
            "!inexact");
  for (const auto* json :
       {"{}", R"({"scale":1})", R"({"scale":"1","value":"Cg=="})",
        R"({"scale":1,"value":1})", R"({"scale":1,"value":"Cg==","x":1})",
        R"({"scale":1e99,"value":"Cg=="})", "[]", "true"})
    EXPECT_EQ(convert("Decimal(10, 2)", json), "!wrong_type") << json;
}

TEST(Decimals, ComeFromNumbersWithoutADoubleInBetween) {
  EXPECT_EQ(convert("Decimal(10, 2)", "1E+3"), "1000.00");
  EXPECT_EQ(convert("Decimal(10, 2)", "0E-8"), "0.00");
  EXPECT_EQ(convert("Decimal(38, 0)", "18446744073709551615"),
            "18446744073709551615");
  EXPECT_EQ(
      convert("Decimal(38, 4)", "1234567890123456789012345678901234.5678"),
      "1234567890123456789012345678901234.5678");
  EXPECT_EQ(convert("Decimal(10, 2)", "1.1"), "1.10");
  EXPECT_EQ(convert("Decimal(10, 2)", "1.100"), "1.10");
  EXPECT_EQ(convert("Decimal(10, 2)", "1.101"), "!inexact");
  EXPECT_EQ(convert("Decimal(38, 0)", std::string(40, '9')), "!out_of_range");
}

TEST(Decimals, ComeFromTextThatCannotBeBase64) {
  EXPECT_EQ(convert("Decimal(10, 2)", "\"1.10\""), "1.10");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"-0.05\""), "-0.05");
  EXPECT_EQ(convert("Decimal(10, 0)", "\"123\""), "123");
  EXPECT_EQ(convert("Decimal(10, 0)", "\"-1234\""), "-1234");
  EXPECT_EQ(convert("Decimal(10, 0)", "\"1234\""), "!wrong_type");
  // Base64 of 0xD76DF8, which is what Debezium's default would mean by it.
  EXPECT_EQ(convert("Decimal(10, 2)", "\"1234\""), "-26588.24");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"NAN\""), "!bad_encoding");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"POSITIVE_INFINITY\""),
            "!out_of_range");
  EXPECT_EQ(convert("Decimal(10, 2)", "\"Infinity\""), "!out_of_range");
}

TEST(Decimals, NeverExceedTheirPrecision) {
  EXPECT_EQ(convert("Decimal(10, 2)", "99999999.99"), "99999999.99");
  EXPECT_EQ(convert("Decimal(10, 2)", "-99999999.99"), "-99999999.99");
  EXPECT_EQ(convert("Decimal(10, 2)", "100000000"), "!out_of_range");
  EXPECT_EQ(convert("Decimal(9, 0)", "1000000000"), "!out_of_range");
  // 10^10 unscaled.
  EXPECT_EQ(convert("Decimal(10, 2)", "\"AlQL5AA=\""), "!out_of_range");
  // Twenty bytes, and seventeen that only carry the sign.
  EXPECT_EQ(convert("Decimal(38, 0)", "\"AQAAAAAAAAAAAAAAAAAAAAAAAAA=\""),
            "!out_of_range");
  EXPECT_EQ(convert("Decimal(38, 0)", "\"/////////////////////////////w==\""),
            "-1");
  const auto clamped = with(column("v", "Decimal(4, 2)"), on_invalid::clamp);
  EXPECT_EQ(convert(clamped, "100"), "99.99");
  EXPECT_EQ(convert(clamped, "-1e99"), "-99.99");
  EXPECT_EQ(convert(clamped, "-1.999"), "-1.99");
  EXPECT_EQ(convert(clamped, "\"x\""), "!bad_encoding");
}

} // namespace sluice::cdc_test
