#include <gtest/gtest.h>

#include <string>

#include "convert_value.hpp"

namespace sluice::cdc_test {

namespace {

std::string timed(const std::string& type, time_unit unit,
                  const std::string& json) {
  return convert(with(column("v", type), unit), json);
}

} // namespace

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

} // namespace sluice::cdc_test
