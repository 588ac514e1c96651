#include "silver/column_type.hpp"

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string name_of(std::string_view text) {
  const auto type = parse_column_type(text);
  return type ? type->name() : "error: " + type.error();
}

std::string error_of(std::string_view text) {
  const auto type = parse_column_type(text);
  return type ? "accepted as " + type->name() : type.error();
}

TEST(ColumnType, EverySupportedTypeIsReadAndPrintedAsClickHouseDoes) {
  for (const auto* name : {"Bool",
                           "Int8",
                           "Int16",
                           "Int32",
                           "Int64",
                           "UInt8",
                           "UInt16",
                           "UInt32",
                           "UInt64",
                           "Float32",
                           "Float64",
                           "String",
                           "Date",
                           "Date32",
                           "DateTime",
                           "DateTime('UTC')",
                           "DateTime64(0)",
                           "DateTime64(9)",
                           "DateTime64(6, 'Europe/Berlin')",
                           "Decimal(1, 0)",
                           "Decimal(38, 38)",
                           "UUID",
                           "Nullable(Int32)",
                           "Nullable(Decimal(10, 2))",
                           "LowCardinality(String)",
                           "LowCardinality(Nullable(String))",
                           "Array(String)",
                           "Array(Nullable(DateTime64(3)))",
                           "Array(LowCardinality(String))"})
    EXPECT_EQ(name_of(name), name);
}

TEST(ColumnType, WhiteSpaceAndCaseAreTakenAsClickHouseTakesThem) {
  EXPECT_EQ(name_of("  Nullable ( Decimal( 10,2 ) ) "),
            "Nullable(Decimal(10, 2))");
  EXPECT_EQ(name_of("datetime64(3,'UTC')"), "DateTime64(3, 'UTC')");
  EXPECT_EQ(name_of("BOOL"), "Bool");
  EXPECT_EQ(name_of("date"), "Date");
  EXPECT_THAT(error_of("string"),
              HasSubstr("nearest supported type is String"));
  EXPECT_THAT(error_of("nullable(Int8)"), HasSubstr("is Nullable"));
  EXPECT_THAT(error_of("uuid"), HasSubstr("is UUID"));
}

TEST(ColumnType, DefaultsAndShorthandsAreClickHouses) {
  EXPECT_EQ(name_of("Decimal"), "Decimal(10, 0)");
  EXPECT_EQ(name_of("Decimal(5)"), "Decimal(5, 0)");
  EXPECT_EQ(name_of("Decimal32(2)"), "Decimal(9, 2)");
  EXPECT_EQ(name_of("Decimal64(2)"), "Decimal(18, 2)");
  EXPECT_EQ(name_of("Decimal128(2)"), "Decimal(38, 2)");
  EXPECT_EQ(name_of("DateTime64"), "DateTime64(3)");
  EXPECT_EQ(name_of("DateTime(3)"), "DateTime64(3)");
  EXPECT_EQ(name_of("DateTime(0)"), "DateTime");
  EXPECT_EQ(name_of("DateTime32('UTC')"), "DateTime('UTC')");
}

TEST(ColumnType, SqlNamesBecomeClickHousesOwn) {
  EXPECT_EQ(name_of("text"), "String");
  EXPECT_EQ(name_of("VARCHAR(255)"), "String");
  EXPECT_EQ(name_of("Int(11)"), "Int32");
  EXPECT_EQ(name_of("bigint unsigned"), "UInt64");
  EXPECT_EQ(name_of("DOUBLE   PRECISION"), "Float64");
  EXPECT_EQ(name_of("numeric(12, 4)"), "Decimal(12, 4)");
  EXPECT_EQ(name_of("TIMESTAMP(6)"), "DateTime64(6)");
  EXPECT_EQ(name_of("boolean"), "Bool");
}

TEST(ColumnType, WidthsAreThoseOfTheNativeFormat) {
  const auto width = [](std::string_view name) {
    return parse_column_type(name).value().width();
  };
  EXPECT_EQ(width("Bool"), 1U);
  EXPECT_EQ(width("Date"), 2U);
  EXPECT_EQ(width("Date32"), 4U);
  EXPECT_EQ(width("Nullable(DateTime)"), 4U);
  EXPECT_EQ(width("DateTime64(9)"), 8U);
  EXPECT_EQ(width("Decimal(9, 2)"), 4U);
  EXPECT_EQ(width("Decimal(10, 2)"), 8U);
  EXPECT_EQ(width("Decimal(18, 2)"), 8U);
  EXPECT_EQ(width("Decimal(19, 2)"), 16U);
  EXPECT_EQ(width("UUID"), 16U);
  EXPECT_EQ(width("String"), 0U);
  EXPECT_EQ(width("Array(Int8)"), 0U);
}

TEST(ColumnType, LowCardinalityIsNotDeclaredOnTheWire) {
  const auto wire = [](std::string_view name) {
    return parse_column_type(name).value().wire_name();
  };
  EXPECT_EQ(wire("LowCardinality(String)"), "String");
  EXPECT_EQ(wire("LowCardinality(Nullable(String))"), "Nullable(String)");
  EXPECT_EQ(wire("Array(LowCardinality(String))"), "Array(String)");
  EXPECT_EQ(wire("DateTime64(3, 'UTC')"), "DateTime64(3, 'UTC')");
}

TEST(ColumnType, UnsupportedTypesNameWhatToUseInstead) {
  EXPECT_THAT(error_of("Enum8('a' = 1)"),
              AllOf(HasSubstr("'Enum8' is not supported"),
                    HasSubstr("LowCardinality(String)")));
  EXPECT_THAT(error_of("Map(String, String)"), HasSubstr("raw: true"));
  EXPECT_THAT(error_of("JSON"), HasSubstr("raw: true"));
  EXPECT_THAT(error_of("Int128"), HasSubstr("Decimal(38, 0)"));
  EXPECT_THAT(error_of("Strin"), HasSubstr("String"));
  EXPECT_THAT(error_of("Datetme"), HasSubstr("DateTime"));
  EXPECT_THAT(error_of("Array(Array(Int8))"), HasSubstr("Array inside"));
  EXPECT_THAT(error_of("LowCardinality(Int32)"),
              HasSubstr("LowCardinality(String)"));
}

TEST(ColumnType, WrongNestingSaysHowToWriteIt) {
  EXPECT_THAT(error_of("Nullable(LowCardinality(String))"),
              HasSubstr("write LowCardinality(Nullable(String))"));
  EXPECT_THAT(error_of("Nullable(Array(Int8))"), HasSubstr("Array inside"));
  EXPECT_THAT(error_of("Nullable(Nullable(Int8))"),
              HasSubstr("write Nullable(Int8)"));
}

TEST(ColumnType, WrongArgumentsAreRefused) {
  EXPECT_THAT(error_of("Decimal(39, 2)"), HasSubstr("1 to 38 digits"));
  EXPECT_THAT(error_of("Decimal(0)"), HasSubstr("1 to 38 digits"));
  EXPECT_THAT(error_of("Decimal(4, 5)"), HasSubstr("after the point"));
  EXPECT_THAT(error_of("Decimal32(10)"), HasSubstr("after the point"));
  EXPECT_THAT(error_of("DateTime64(10)"), HasSubstr("0 to 9"));
  EXPECT_THAT(error_of("DateTime64('UTC')"), HasSubstr("0 to 9"));
  EXPECT_THAT(error_of("DateTime('UTC\\')"), HasSubstr("time zone"));
  EXPECT_THAT(error_of("DateTime()"), HasSubstr("0 to 9"));
  EXPECT_THAT(error_of("Int32(5)"), HasSubstr("takes no arguments"));
  EXPECT_THAT(error_of("Nullable"), HasSubstr("takes one type"));
  EXPECT_THAT(error_of("Nullable()"), HasSubstr("takes one type"));
  EXPECT_THAT(error_of("Array(Int8, Int8)"), HasSubstr("takes one type"));
}

TEST(ColumnType, TextThatIsNoTypeIsAnErrorAndNothingWorse) {
  for (const auto* text :
       {"", " ", "(", ")", "()", "(Int8)", "Nullable(", "Nullable(Int8",
        "Nullable(Int8))", "Int8)(", "Decimal(1,2", "Decimal(,)",
        "DateTime64(6,'UTC)", "Nullable(')')", "\xff\xfe", ",", "Int8 Int8"})
    EXPECT_FALSE(parse_column_type(text).has_value()) << text;
  EXPECT_THAT(error_of(std::string(100'000, '(')), HasSubstr("256"));
  std::string deep;
  for (int i = 0; i < 28; ++i)
    deep += "Nullable(";
  EXPECT_FALSE(parse_column_type(deep + std::string(28, ')')).has_value());
}

} // namespace
} // namespace sluice::silver
