#include "silver/block_values.hpp"

#include <functional>

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

__extension__ using int128 = __int128;

using value = std::function<void(column_buffer&)>;

template <class T>
value of(T what) {
  return [what](column_buffer& to) { to.append(what); };
}

value of_text(std::string what) {
  return [what](column_buffer& to) { to.append_string(what); };
}

const value of_default = [](column_buffer& to) { to.append_default(); };
const value null = [](column_buffer& to) { to.append_null(); };

/// A block of one column of this type, after an Int32 that counts the rows.
block_ptr column_of(std::string_view type, const std::vector<value>& values) {
  block_builder builder{
      {{"n", *parse_column_type("Int32")}, {"v", *parse_column_type(type)}}};
  for (std::int32_t n = 0; const auto& each : values) {
    builder.column(0).append(n++);
    each(builder.column(1));
    builder.commit_row();
  }
  return builder.finish();
}

std::vector<std::string> literals(std::string_view type,
                                  const std::vector<value>& values) {
  const auto rows = column_of(type, values);
  std::vector<std::size_t> which(values.size());
  for (std::size_t i = 0; i < which.size(); ++i)
    which[i] = i;
  const std::size_t column = 1;
  return literals_of(*rows, {&column, 1}, which);
}

std::string literal(std::string_view type, const value& what) {
  return literals(type, {what}).front();
}

std::vector<std::int64_t> moments(std::string_view type,
                                  const std::vector<value>& values) {
  return moments_of(*column_of(type, values), 1);
}

TEST(BlockValues, OnlyDatesAndTimesAreEventTimes) {
  for (const auto* type : {"Date", "Date32", "DateTime", "DateTime64(3)",
                           "Nullable(DateTime)", "Nullable(Date)"})
    EXPECT_TRUE(holds_time(*parse_column_type(type))) << type;
  for (const auto* type : {"Int64", "UInt32", "String", "Decimal(9, 2)",
                           "Float64", "UUID", "Array(DateTime)"})
    EXPECT_FALSE(holds_time(*parse_column_type(type))) << type;
  EXPECT_TRUE(holds_days(*parse_column_type("Nullable(Date32)")));
  EXPECT_FALSE(holds_days(*parse_column_type("DateTime")));
}

TEST(BlockValues, DaysStayDays) {
  EXPECT_THAT(moments("Date", {of(std::uint16_t{0}), of(std::uint16_t{20'504}),
                               of(std::uint16_t{65'535})}),
              ElementsAre(0, 20'504, 65'535));
  EXPECT_THAT(
      moments("Date32", {of(std::int32_t{-25'567}), of(std::int32_t{120'529})}),
      ElementsAre(-25'567, 120'529));
}

TEST(BlockValues, SecondsAreSeconds) {
  EXPECT_THAT(moments("DateTime",
                      {of(std::uint32_t{0}), of(std::uint32_t{4'294'967'295})}),
              ElementsAre(0, 4'294'967'295));
}

TEST(BlockValues, TicksAreRoundedDownToSeconds) {
  const auto ticks = [](std::string_view type,
                        std::vector<std::int64_t> values) {
    std::vector<value> all;
    for (const auto each : values)
      all.push_back(of(each));
    return moments(type, all);
  };
  EXPECT_THAT(ticks("DateTime64(0)", {-1, 0, 1}), ElementsAre(-1, 0, 1));
  EXPECT_THAT(ticks("DateTime64(3)", {-1'001, -1'000, -999, -1, 0, 999, 1'000}),
              ElementsAre(-2, -1, -1, -1, 0, 0, 1));
  EXPECT_THAT(ticks("DateTime64(9)", {std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min(),
                                      1'771'545'600'999'999'999}),
              ElementsAre(9'223'372'036, -9'223'372'037, 1'771'545'600));
  EXPECT_THAT(ticks("DateTime64(1)", {10'413'791'999 * 10 + 9}),
              ElementsAre(10'413'791'999));
}

TEST(BlockValues, TheLastMomentOfAColumnIsThatOfItsLastRow) {
  const auto expect_same = [](std::string_view type, const value& what) {
    const auto rows = column_of(type, {of_default, what});
    EXPECT_EQ(last_moment_of(rows->column(1)), moments_of(*rows, 1)[1]) << type;
  };
  expect_same("Date", of(std::uint16_t{65'535}));
  expect_same("Date32", of(std::int32_t{-25'567}));
  expect_same("DateTime", of(std::uint32_t{4'294'967'295}));
  expect_same("DateTime64(0)", of(std::int64_t{-1}));
  expect_same("DateTime64(3)", of(std::int64_t{-1}));
  expect_same("DateTime64(9)", of(std::numeric_limits<std::int64_t>::min()));
  expect_same("Nullable(DateTime)", of(std::uint32_t{7}));
  expect_same("Nullable(DateTime64(3))", null);
}

TEST(BlockValues, ANullIsNoTime) {
  EXPECT_THAT(moments("Nullable(DateTime)", {null, of(std::uint32_t{7}), null}),
              ElementsAre(no_time, 7, no_time));
  EXPECT_THAT(
      moments("Nullable(DateTime64(3))", {of(std::int64_t{1'500}), null}),
      ElementsAre(1, no_time));
}

TEST(BlockValues, AColumnThatHoldsNoTimesHasNone) {
  EXPECT_THAT(moments("Int64", {of(std::int64_t{1'771'545'600})}),
              ElementsAre(no_time));
  EXPECT_THAT(moments("String", {of_text("2026-02-20"), of_text("")}),
              ElementsAre(no_time, no_time));
}

TEST(BlockValues, AnEmptyBlockHasNoTimesAndNoLiterals) {
  EXPECT_THAT(moments("DateTime", {}), IsEmpty());
  EXPECT_THAT(literals("String", {}), IsEmpty());
}

TEST(BlockValues, FlagsAreTheBytesOfTheirColumn) {
  const auto rows = column_of(
      "UInt8", {of(std::uint8_t{0}), of(std::uint8_t{1}), of(std::uint8_t{0})});
  EXPECT_THAT(flags_of(*rows, 1),
              ElementsAre(std::byte{0}, std::byte{1}, std::byte{0}));
}

TEST(BlockValues, IntegersAreWrittenAsTheyAre) {
  EXPECT_EQ(literal("Bool", of(std::uint8_t{1})), "1");
  EXPECT_EQ(literal("Int8", of(std::int8_t{-128})), "-128");
  EXPECT_EQ(literal("UInt8", of(std::uint8_t{255})), "255");
  EXPECT_EQ(literal("Int16", of(std::int16_t{-32'768})), "-32768");
  EXPECT_EQ(literal("UInt16", of(std::uint16_t{65'535})), "65535");
  EXPECT_EQ(literal("Int32", of(std::numeric_limits<std::int32_t>::min())),
            "-2147483648");
  EXPECT_EQ(literal("UInt32", of(std::uint32_t{4'294'967'295})), "4294967295");
  EXPECT_EQ(literal("Int64", of(std::numeric_limits<std::int64_t>::min())),
            "-9223372036854775808");
  EXPECT_EQ(literal("UInt64", of(std::numeric_limits<std::uint64_t>::max())),
            "18446744073709551615");
}

TEST(BlockValues, DecimalsKeepEveryDigit) {
  const auto decimal = [](int scale, std::int32_t what) {
    const auto digits = std::to_string(scale);
    return literal("Decimal(9, " + digits + ")", of(what));
  };
  EXPECT_EQ(decimal(2, 1'234), "CAST('12.34', 'Decimal(9, 2)')");
  EXPECT_EQ(decimal(2, -5), "CAST('-0.05', 'Decimal(9, 2)')");
  EXPECT_EQ(decimal(2, 0), "CAST('0.00', 'Decimal(9, 2)')");
  EXPECT_EQ(decimal(0, -7), "CAST('-7', 'Decimal(9, 0)')");
  EXPECT_EQ(decimal(9, 1), "CAST('0.000000001', 'Decimal(9, 9)')");
  EXPECT_EQ(literal("Decimal(18, 4)", of(std::int64_t{-12'345})),
            "CAST('-1.2345', 'Decimal(18, 4)')");
  EXPECT_EQ(literal("Decimal(38, 10)", of(-(int128{1} << 126U))),
            "CAST('-8507059173023461586584365185.7942052864', "
            "'Decimal(38, 10)')");
}

TEST(BlockValues, AUuidIsItsText) {
  EXPECT_EQ(
      literal("UUID", of(uuid_value{0x0123456789abcdef, 0xfedcba9876543210})),
      "'01234567-89ab-cdef-fedc-ba9876543210'");
}

TEST(BlockValues, TextsAreQuotedWhateverTheyHave) {
  EXPECT_THAT(
      literals("String", {of_text(""), of_text("it's"), of_text(R"(a\b)"),
                          of_text("a\nb"), of_text(std::string{"\0", 1}),
                          of_text(std::string(300, 'x'))}),
      ElementsAre("''", R"('it\'s')", R"('a\\b')", "'a\nb'", R"('\0')",
                  "'" + std::string(300, 'x') + "'"));
}

TEST(BlockValues, RowsMayBePassedOver) {
  const auto rows = column_of(
      "String", {of_text("a"), of_text("bb"), of_text("ccc"), of_text("d")});
  const std::vector<std::size_t> which{1, 3};
  const std::size_t text = 1;
  EXPECT_THAT(literals_of(*rows, {&text, 1}, which),
              ElementsAre("'bb'", "'d'"));
  const std::vector<std::size_t> both{1, 0};
  EXPECT_THAT(literals_of(*rows, both, which),
              ElementsAre("('bb',1)", "('d',3)"));
  EXPECT_THAT(literals_of(*rows, both, {}), IsEmpty());
}

} // namespace
} // namespace sluice::silver
