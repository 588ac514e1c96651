#include <gtest/gtest.h>

#include <string>

#include "convert_value.hpp"

namespace sluice::cdc_test {

TEST(Integers, AreExactOverTheirWholeRange) {
  EXPECT_EQ(convert("Int64", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(convert("Int64", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(convert("Int64", "9007199254740993"), "9007199254740993");
  EXPECT_EQ(convert("UInt64", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(convert("Int8", "-128"), "-128");
  EXPECT_EQ(convert("UInt8", "255"), "255");
  EXPECT_EQ(convert("Int16", "-32768"), "-32768");
  EXPECT_EQ(convert("UInt16", "65535"), "65535");
  EXPECT_EQ(convert("UInt32", "4294967295"), "4294967295");
  EXPECT_EQ(convert("Int32", "1.0"), "1");
  EXPECT_EQ(convert("Int32", "12e2"), "1200");
  EXPECT_EQ(convert("Int32", "-0"), "0");
  EXPECT_EQ(convert("Int32", "\"5\""), "5");
  EXPECT_EQ(convert("Int8", "true"), "1");
  EXPECT_EQ(convert("UInt8", "false"), "0");
}

TEST(Integers, NeverWrap) {
  EXPECT_EQ(convert("Int64", "9223372036854775808"), "!out_of_range");
  EXPECT_EQ(convert("Int64", "-9223372036854775809"), "!out_of_range");
  EXPECT_EQ(convert("UInt64", "18446744073709551616"), "!out_of_range");
  EXPECT_EQ(convert("UInt8", "-1"), "!out_of_range");
  EXPECT_EQ(convert("UInt8", "300"), "!out_of_range");
  EXPECT_EQ(convert("Int32", "1e400"), "!out_of_range");
  EXPECT_EQ(convert("Int32", std::string(400, '9')), "!out_of_range");
  EXPECT_EQ(convert("Int32", "1.5"), "!inexact");
  EXPECT_EQ(convert("Int32", "true"), "!wrong_type");
  EXPECT_EQ(convert("Int32", "\"x\""), "!wrong_type");
  EXPECT_EQ(convert("Int32", "\"\""), "!wrong_type");
  EXPECT_EQ(convert("Int32", "{}"), "!wrong_type");
  EXPECT_EQ(convert("Int32", "[1]"), "!wrong_type");
  EXPECT_EQ(convert("Int32", "null"), "!null_value");
  EXPECT_EQ(convert("Int32", "01"), "!not_json");
}

TEST(Booleans, AreTrueFalseZeroAndOne) {
  EXPECT_EQ(convert("Bool", "true"), "1");
  EXPECT_EQ(convert("Bool", "false"), "0");
  EXPECT_EQ(convert("Bool", "1"), "1");
  EXPECT_EQ(convert("Bool", "0"), "0");
  EXPECT_EQ(convert("Bool", "2"), "!out_of_range");
  EXPECT_EQ(convert("Bool", "\"true\""), "!wrong_type");
}

TEST(Floats, KnowEveryWritingOfTheSpecialValues) {
  EXPECT_EQ(convert("Float64", "1.5"), "1.500000");
  EXPECT_EQ(convert("Float64", "1.0E10"), "10000000000.000000");
  EXPECT_EQ(convert("Float32", "3.140000104904175"), "3.140000");
  EXPECT_EQ(convert("Float64", "\"NaN\""), "nan");
  EXPECT_EQ(convert("Float64", "\"Infinity\""), "inf");
  EXPECT_EQ(convert("Float32", "\"-Infinity\""), "-inf");
  EXPECT_EQ(convert("Float64", "\"NAN\""), "nan");
  EXPECT_EQ(convert("Float64", "\"POSITIVE_INFINITY\""), "inf");
  EXPECT_EQ(convert("Float32", "\"NEGATIVE_INFINITY\""), "-inf");
  EXPECT_EQ(convert("Float64", "\"+2.5\""), "2.500000");
  EXPECT_EQ(convert("Float64", "1e-400"), "0.000000");
  EXPECT_EQ(convert("Float64", "-1e-400"), "-0.000000");
  EXPECT_EQ(convert("Float64", "1e400"), "!out_of_range");
  EXPECT_EQ(convert("Float32", "1e39"), "!out_of_range");
  EXPECT_EQ(convert(with(column("v", "Float32"), on_invalid::clamp), "-1e39"),
            "-inf");
  EXPECT_EQ(convert("Float64", "\"x\""), "!wrong_type");
  EXPECT_EQ(convert("Float64", "true"), "!wrong_type");
}

} // namespace sluice::cdc_test
