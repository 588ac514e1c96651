#include <gtest/gtest.h>

#include <string>

#include "convert_value.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::reject_reason;
using cdc::verdict;

} // namespace

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
