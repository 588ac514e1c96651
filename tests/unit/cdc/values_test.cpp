#include <gtest/gtest.h>

#include <string>

#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::reject_reason;
using cdc::verdict;

// What becomes of `json` in a column: its value, or "!reason".
std::string convert(const topology::column& target, const std::string& json) {
  table_under_test table({target});
  const auto result =
      table.decode(std::nullopt, R"({"op":"c","after":{"v":)" + json + "}}");
  if (result.what == verdict::upserted)
    return table.rows().front().front();
  return "!" + std::string(cdc::to_string(result.rejected));
}

std::string convert(const std::string& type, const std::string& json) {
  return convert(column("v", type), json);
}

std::string timed(const std::string& type, time_unit unit,
                  const std::string& json) {
  return convert(with(column("v", type), unit), json);
}

} // namespace

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

TEST(Times, AreCountedInTheColumnsUnit) {
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "1478267490123456"),
            "1478267490123456");
  EXPECT_EQ(timed("DateTime64(6)", time_unit::ms, "1478267490123"),
            "1478267490123000");
  EXPECT_EQ(timed("DateTime64(3)", time_unit::us, "1478267490123000"),
            "1478267490123");
  EXPECT_EQ(timed("DateTime64(9)", time_unit::ns, "1478267490123456789"),
            "1478267490123456789");
  EXPECT_EQ(timed("DateTime64(0)", time_unit::s, "-5"), "-5");
  EXPECT_EQ(timed("DateTime64(3)", time_unit::s, "1.5"), "1500");
  EXPECT_EQ(timed("DateTime", time_unit::ms, "1478267490000"), "1478267490");
  EXPECT_EQ(timed("DateTime64(3)", time_unit::days, "17109"), "1478217600000");
  EXPECT_EQ(timed("Date", time_unit::ms, "1478217600000"), "17109");
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "\"1478267490123456\""),
            "1478267490123456");
  EXPECT_EQ(convert("DateTime64(6)", "1478267490123456"), "!wrong_type");
  EXPECT_EQ(convert("DateTime", "1478267490"), "!wrong_type");
}

TEST(Times, FinerThanTheColumnAreInexact) {
  EXPECT_EQ(timed("DateTime64(3)", time_unit::us, "1478267490123456"),
            "!inexact");
  EXPECT_EQ(timed("DateTime64(0)", time_unit::s, "1.000000000000001"),
            "!inexact");
  EXPECT_EQ(timed("Date", time_unit::ms, "1478217600001"), "!inexact");
  EXPECT_EQ(convert("Date", "\"2016-11-04T00:00:01Z\""), "!inexact");
  auto target = with(column("v", "DateTime64(3)"), time_unit::us);
  target.invalid = on_invalid::clamp;
  EXPECT_EQ(convert(target, "1999"), "1");
  EXPECT_EQ(convert(target, "-1"), "-1");
  target.type = "Date32";
  EXPECT_EQ(convert(target, "-1"), "-1");
}

TEST(Times, ComeFromIsoText) {
  EXPECT_EQ(convert("DateTime64(6)", "\"2016-11-04T11:51:30.123456Z\""),
            "1478260290123456");
  EXPECT_EQ(convert("DateTime64(6)", "\"2016-11-04T11:51:30Z\""),
            "1478260290000000");
  EXPECT_EQ(convert("DateTime64(6)", "\"2016-11-04T11:51:30.123456789Z\""),
            "!inexact");
  EXPECT_EQ(convert("DateTime64(6)", "\"2016-11-04T11:51:30+02:00\""),
            "1478253090000000");
  EXPECT_EQ(convert("DateTime64(6)", "\"2016-11-04 11:51:30\""), "!wrong_type");
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "\"2016-11-04T11:51:30Z\""),
            "1478260290000000");
  EXPECT_EQ(convert("DateTime", "\"2016-11-04T11:51:30\\u005a\""),
            "1478260290");
  EXPECT_EQ(convert("Date", "\"2016-11-04\""), "17109");
  EXPECT_EQ(convert("Date32", "\"1936-10-25Z\""), "-12121");
}

TEST(Times, OutOfRangeIsTheSameInEveryForm) {
  for (const auto* json :
       {"9223372036825200000", "\"infinity\"",
        "\"+21016-11-04T06:51:30.123456Z\"", "10413792000000000", "1e300"})
    EXPECT_EQ(timed("DateTime64(6)", time_unit::us, json), "!out_of_range")
        << json;
  auto target = with(column("v", "DateTime64(6)"), time_unit::us);
  target.invalid = on_invalid::clamp;
  for (const auto* json : {"9223372036825200000", "\"infinity\"",
                           "\"+21016-11-04T06:51:30.123456Z\"", "1e300"})
    EXPECT_EQ(convert(target, json), "10413791999999999") << json;
  for (const auto* json : {"-9223372036832400000", "\"-infinity\"",
                           "\"-4713-12-31T23:59:59.999999Z\"", "-1e300"})
    EXPECT_EQ(convert(target, json), "-2208988800000000") << json;
  target.type = "Nullable(DateTime64(6))";
  target.invalid = on_invalid::null;
  for (const auto* json : {"9223372036825200000", "\"infinity\""})
    EXPECT_EQ(convert(target, json), "NULL") << json;
}

TEST(Times, KeepToTheLimitsOfTheirTypes) {
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "-2208988800000000"),
            "-2208988800000000");
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "-2208988800000001"),
            "!out_of_range");
  EXPECT_EQ(timed("DateTime64(6)", time_unit::us, "10413791999999999"),
            "10413791999999999");
  EXPECT_EQ(timed("DateTime64(9)", time_unit::us, "9223372036854775"),
            "9223372036854775000");
  EXPECT_EQ(timed("DateTime64(9)", time_unit::us, "9223372036854776"),
            "!out_of_range");
  EXPECT_EQ(timed("DateTime", time_unit::s, "4294967295"), "4294967295");
  EXPECT_EQ(timed("DateTime", time_unit::s, "4294967296"), "!out_of_range");
  EXPECT_EQ(timed("DateTime", time_unit::s, "-1"), "!out_of_range");
  EXPECT_EQ(convert("Date", "65535"), "65535");
  EXPECT_EQ(convert("Date", "65536"), "!out_of_range");
  EXPECT_EQ(convert("Date", "-1"), "!out_of_range");
  EXPECT_EQ(convert("Date32", "120529"), "120529");
  EXPECT_EQ(convert("Date32", "120530"), "!out_of_range");
  EXPECT_EQ(convert("Date32", "-25567"), "-25567");
  EXPECT_EQ(convert("Date32", "-2147472692"), "!out_of_range");
}

TEST(Texts, KeepWhatIsWritten) {
  EXPECT_EQ(convert("String", "\"a\\\"b\""), "a\"b");
  EXPECT_EQ(convert("String", "\"\""), "");
  EXPECT_EQ(convert("String", "1.50"), "1.50");
  EXPECT_EQ(convert("String", "true"), "true");
  EXPECT_EQ(convert("LowCardinality(String)", "\"x\""), "x");
  EXPECT_EQ(convert("String", "{}"), "!wrong_type");
  EXPECT_EQ(convert("String", "[]"), "!wrong_type");
}

TEST(Texts, RawKeepsTheJsonByteForByte) {
  const auto target = raw(column("v", "String"));
  for (const auto* json :
       {R"({ "a" : 1.50,"a":2 })", "[1, 2]", "\"a\\u0041\"", "1.50", "null"})
    EXPECT_EQ(convert(target, json), json);
  EXPECT_EQ(convert(raw(column("v", "Nullable(String)")), "null"), "NULL");
}

TEST(Uuids, AreCanonicalTextOrRefused) {
  EXPECT_EQ(convert("UUID", "\"550e8400-e29b-41d4-a716-446655440000\""),
            "550e8400e29b41d4a716446655440000");
  EXPECT_EQ(convert("UUID", "\"550E8400-E29B-41D4-A716-446655440000\""),
            "550e8400e29b41d4a716446655440000");
  for (const auto* json : {"\"\"", "\"550e8400e29b41d4a716446655440000\"", "5",
                           "\"550e8400-e29b-41d4-a716-44665544000g\"",
                           "\"550e8400-e29b-41d4-a716+446655440000\""})
    EXPECT_EQ(convert("UUID", json), "!wrong_type") << json;
}

TEST(Arrays, ConvertEachElement) {
  EXPECT_EQ(convert("Array(Nullable(Int32))", "[1,null,3]"), "[1,NULL,3]");
  EXPECT_EQ(convert("Array(Int32)", "[]"), "[]");
  EXPECT_EQ(convert("Array(String)", R"(["a","b,c"])"), "[a,b,c]");
  EXPECT_EQ(convert("Array(Decimal(10, 2))", R"(["AUo=",1.5])"), "[3.30,1.50]");
  EXPECT_EQ(convert("Array(Int32)", "[1,null]"), "!null_value");
  EXPECT_EQ(convert("Array(Nullable(Int32))", "[[1],[2]]"), "!wrong_type");
  EXPECT_EQ(convert("Array(Int8)", "[1,300]"), "!out_of_range");
  EXPECT_EQ(convert("Array(Int8)", "5"), "!wrong_type");
  EXPECT_EQ(convert("Array(Int8)", "null"), "!null_value");
  EXPECT_EQ(
      convert(with(column("v", "Array(Int8)"), on_invalid::clamp), "[1,300]"),
      "[1,127]");
  EXPECT_EQ(
      convert(with(column("v", "Array(Int8)"), on_invalid::clamp), "null"),
      "[]");
  EXPECT_EQ(
      convert(with(column("v", "Array(Nullable(Int8))"), on_invalid::null),
              "[1,300,\"x\"]"),
      "[1,NULL,NULL]");
}

TEST(Policies, AreCountedForRowsThatWereWritten) {
  table_under_test table({with(column("a", "Nullable(Int8)"), on_invalid::null),
                          with(column("b", "Int8"), on_invalid::clamp),
                          column("c", "Int8")});
  const auto decode = [&table](const std::string& after) {
    return table.decode(std::nullopt, R"({"op":"c","after":)" + after + "}")
        .what;
  };
  EXPECT_EQ(decode(R"({"a":300,"b":300,"c":1})"), verdict::upserted);
  EXPECT_EQ(decode(R"({"a":"x","b":null,"c":1})"), verdict::upserted);
  EXPECT_EQ(decode(R"({"a":null,"b":1,"c":1})"), verdict::upserted);
  EXPECT_EQ(table.policies().nulled, 2U);
  EXPECT_EQ(table.policies().clamped, 2U);
  EXPECT_EQ(decode(R"({"a":300,"b":300,"c":300})"), verdict::rejected);
  EXPECT_EQ(table.policies().nulled, 2U);
  EXPECT_EQ(table.policies().clamped, 2U);
  EXPECT_EQ(table.rows(),
            (std::vector<std::vector<std::string>>{
                {"NULL", "127", "1"}, {"NULL", "0", "1"}, {"NULL", "1", "1"}}));
}

TEST(Columns, ThatAreAbsentAreNullOrSayThatTheyAreAbsent) {
  table_under_test table({column("a", "Nullable(Int8)"), column("b", "Int8")});
  EXPECT_EQ(table.decode(std::nullopt, R"({"op":"c","after":{"b":1}})").what,
            verdict::upserted);
  EXPECT_EQ(table.rows().front().front(), "NULL");
  const auto result =
      table.decode(std::nullopt, R"({"op":"c","after":{"a":1}})");
  EXPECT_EQ(result.rejected, reject_reason::null_value);
  EXPECT_NE(result.detail.find("absent"), std::string::npos);
  EXPECT_NE(result.detail.find("`b`"), std::string::npos);
}

TEST(Columns, AreFoundAlongDottedPaths) {
  table_under_test table({column("a", "Nullable(Int8)", "o.i.a"),
                          column("b", "Nullable(Int8)", "o.b"),
                          raw(column("whole", "Nullable(String)", "o"))});
  const auto decode = [&table](const std::string& o) {
    return table.decode(std::nullopt, R"({"op":"c","after":{"o":)" + o + "}}")
        .rejected;
  };
  EXPECT_EQ(decode(R"({"i":{"a":1},"b":2})"), reject_reason::none);
  EXPECT_EQ(decode(R"({"b":2,"i":{}})"), reject_reason::none);
  EXPECT_EQ(decode(R"({"i":null})"), reject_reason::none);
  EXPECT_EQ(decode("null"), reject_reason::none);
  EXPECT_EQ(table.rows(), (std::vector<std::vector<std::string>>{
                              {"1", "2", R"({"i":{"a":1},"b":2})"},
                              {"NULL", "2", R"({"b":2,"i":{}})"},
                              {"NULL", "NULL", R"({"i":null})"},
                              {"NULL", "NULL", "NULL"}}));
  EXPECT_EQ(decode("5"), reject_reason::wrong_type);
  EXPECT_EQ(decode(R"({"i":[]})"), reject_reason::wrong_type);
  EXPECT_EQ(decode(R"({"i":{"a":1,"a":2}})"), reject_reason::not_json);
}

TEST(Details, AreOneShortLineOfPrintableText) {
  table_under_test table({column("v", "Int32")});
  const auto result =
      table.decode(std::nullopt, R"({"op":"c","after":{"v":"\u0000é)"
                                     + std::string(500, 'x') + "\"}}");
  EXPECT_EQ(result.rejected, reject_reason::wrong_type);
  EXPECT_LT(result.detail.size(), 200U);
  for (const char c : result.detail)
    EXPECT_TRUE(c >= ' ' && c < '\x7F');
  EXPECT_NE(result.detail.find("Int32"), std::string::npos);
}

} // namespace sluice::cdc_test
