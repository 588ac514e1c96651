#include <gtest/gtest.h>

#include <string>

#include "convert_value.hpp"

namespace sluice::cdc_test {

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

} // namespace sluice::cdc_test
