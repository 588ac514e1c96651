#include "silver/block_builder.hpp"

#include <stdexcept>

#include <gmock/gmock.h>

namespace sluice::silver {
namespace {

block_column column(std::string name, std::string_view type) {
  return {std::move(name), parse_column_type(type).value()};
}

std::string bytes_of(const block& rows) {
  std::string result;
  for (const auto piece : rows.pieces())
    result.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  return result;
}

/// "FF 00 61" of bytes; cdc-formats.md writes them so.
std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const auto byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    result += result.empty() ? "" : " ";
    result += digits[value >> 4U];
    result += digits[value & 15U];
  }
  return result;
}

/// The values of the one column of a block, without the header.
template <class Append>
std::string encoded(std::string_view type, Append append,
                    std::size_t rows = 1) {
  block_builder builder{{column("c", type)}};
  for (std::size_t row = 0; row < rows; ++row) {
    append(builder.column(0), row);
    builder.commit_row();
  }
  const auto finished = builder.finish();
  const auto wire = parse_column_type(type)->wire_name();
  return hex(bytes_of(*finished)).substr((2 + 2 + 1 + wire.size()) * 3);
}

template <class T>
std::string encoded_value(std::string_view type, T value) {
  return encoded(type, [value](auto& out, std::size_t) { out.append(value); });
}

TEST(BlockBuilder, ASingleCellIsTheBlockThatClickHouseWritesForSelectOne) {
  block_builder builder{{column("1", "UInt8")}};
  builder.column(0).append(std::uint8_t{1});
  builder.commit_row();
  EXPECT_EQ(hex(bytes_of(*builder.finish())),
            "01 01 01 31 05 55 49 6E 74 38 01");
}

TEST(BlockBuilder, FixedWidthValuesAreLittleEndian) {
  EXPECT_EQ(encoded_value("Int32", std::int32_t{-1}), "FF FF FF FF");
  EXPECT_EQ(encoded_value("Float32", 1.5F), "00 00 C0 3F");
  EXPECT_EQ(encoded_value("Bool", std::uint8_t{1}), "01");
  EXPECT_EQ(encoded_value("Date", std::uint16_t{19737}), "19 4D");
  EXPECT_EQ(encoded_value("Date32", std::int32_t{-25567}), "21 9C FF FF");
  EXPECT_EQ(encoded_value("DateTime", std::uint32_t{1705314600}),
            "28 09 A5 65");
  EXPECT_EQ(encoded_value("DateTime64(3)", std::int64_t{1705321845123}),
            "83 51 1A 0D 8D 01 00 00");
}

TEST(BlockBuilder, DecimalsAreIntegersOfTheWidthOfTheirPrecision) {
  EXPECT_EQ(encoded_value("Decimal(9, 4)", std::int32_t{1234567}),
            "87 D6 12 00");
  EXPECT_EQ(encoded_value("Decimal(18, 1)", std::int64_t{-15}),
            "F1 FF FF FF FF FF FF FF");
  __extension__ using int128 = __int128;
  EXPECT_EQ(encoded_value("Decimal(38, 4)", int128{1234567}),
            "87 D6 12 00 00 00 00 00 00 00 00 00 00 00 00 00");
}

TEST(BlockBuilder, UuidsAreTwoHalvesEachFromItsLowByteUp) {
  EXPECT_EQ(
      encoded_value("UUID", uuid_value{0x550e8400e29b41d4, 0xa716446655440000}),
      "D4 41 9B E2 00 84 0E 55 00 00 44 55 66 44 16 A7");
}

TEST(BlockBuilder, StringsCarryTheirLengthAsAVarint) {
  const auto text = [](std::string value) {
    return encoded("String", [value](auto& out, std::size_t) {
      out.append_string(value);
    });
  };
  EXPECT_EQ(text("ab"), "02 61 62");
  EXPECT_EQ(text(""), "00");
  EXPECT_EQ(text(std::string(300, 'x')).substr(0, 8), "AC 02 78");
  EXPECT_EQ(text(std::string("\0\xff", 2)), "02 00 FF");
}

TEST(BlockBuilder, NullsAreAMapBeforeTheValues) {
  EXPECT_EQ(encoded(
                "Nullable(UInt8)",
                [](auto& out, std::size_t row) {
                  if (row == 1)
                    out.append_null();
                  else
                    out.append(static_cast<std::uint8_t>(row == 0 ? 5 : 9));
                },
                3),
            "00 01 00 05 00 09");
  EXPECT_EQ(encoded(
                "LowCardinality(Nullable(String))",
                [](auto& out, std::size_t row) {
                  if (row == 0)
                    out.append_null();
                  else
                    out.append_string("a");
                },
                2),
            "01 00 00 01 61");
}

TEST(BlockBuilder, ArraysAreCumulativeEndsBeforeAllElements) {
  EXPECT_EQ(encoded(
                "Array(UInt8)",
                [](auto& out, std::size_t row) {
                  for (int i = 0; row != 1 && i < 2; ++i)
                    out.elements().append(static_cast<std::uint8_t>(row + 1));
                  out.end_array();
                },
                3),
            "02 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 "
            "04 00 00 00 00 00 00 00 01 01 03 03");
}

TEST(BlockBuilder, DefaultsAreZeroEmptyOrNull) {
  const auto empty = [](auto& out, std::size_t) { out.append_default(); };
  EXPECT_EQ(encoded("Int32", empty), "00 00 00 00");
  EXPECT_EQ(encoded("String", empty), "00");
  EXPECT_EQ(encoded("Nullable(Int8)", empty), "01 00");
  EXPECT_EQ(encoded("Array(String)", empty), "00 00 00 00 00 00 00 00");
}

TEST(BlockBuilder, NamesStructureAndBytesDescribeTheBlock) {
  block_builder builder{
      {column("id", "Int32"), column("a`b", "LowCardinality(String)")}};
  builder.column(0).append(std::int32_t{7});
  builder.column(1).append_string("x");
  EXPECT_EQ(builder.bytes(), 6U);
  builder.commit_row();
  const auto rows = builder.finish();
  EXPECT_EQ(rows->rows(), 1U);
  EXPECT_EQ(rows->columns(), 2U);
  EXPECT_THAT(rows->names(), ::testing::ElementsAre("id", "a`b"));
  EXPECT_EQ(rows->structure(), "`id` Int32, `a\\`b` String");
  EXPECT_EQ(rows->bytes(), bytes_of(*rows).size());
}

TEST(BlockBuilder, AnEmptyBlockHasItsHeadersAndNoData) {
  block_builder builder{
      {column("c", "Nullable(String)"), column("a", "Array(Int8)")}};
  const auto rows = builder.finish();
  EXPECT_EQ(rows->rows(), 0U);
  const auto expected = std::string("\x02\0", 2) + "\x01" + "c" + "\x10"
                        + "Nullable(String)" + "\x01" + "a" + "\x0b"
                        + "Array(Int8)";
  EXPECT_EQ(bytes_of(*rows), expected);
}

std::vector<block_column> one_of_each() {
  return {column("i", "Int32"), column("s", "String"),
          column("n", "Nullable(String)"),
          column("a", "Array(Nullable(String))"), column("f", "Array(Int16)")};
}

void append_row(block_builder& builder, int seed, std::size_t columns) {
  const auto text = std::string(static_cast<std::size_t>(seed % 200), 'v');
  if (columns > 0)
    builder.column(0).append(std::int32_t{seed});
  if (columns > 1)
    builder.column(1).append_string(text);
  if (columns > 2) {
    if (seed % 3 == 0)
      builder.column(2).append_null();
    else
      builder.column(2).append_string(text);
  }
  if (columns > 3) {
    for (int i = 0; i < seed % 4; ++i) {
      if (i == 1)
        builder.column(3).elements().append_null();
      else
        builder.column(3).elements().append_string(text);
    }
    builder.column(3).end_array();
  }
  if (columns > 4) {
    builder.column(4).elements().append(static_cast<std::int16_t>(seed));
    builder.column(4).end_array();
  }
}

TEST(BlockBuilder, ARowTakenBackLeavesNoTraceWhereverItBroke) {
  block_builder clean{one_of_each()};
  block_builder broken{one_of_each()};
  for (int row = 0; row < 300; ++row) {
    append_row(clean, row, 5);
    clean.commit_row();
    append_row(broken, row * 7 + 1, static_cast<std::size_t>(row % 6));
    broken.rollback_row();
    // An array that was begun and not ended is taken back as well.
    broken.column(3).elements().append_string("begun");
    broken.column(4).elements().append(std::int16_t{1});
    broken.rollback_row();
    append_row(broken, row, 5);
    broken.commit_row();
    ASSERT_EQ(clean.bytes(), broken.bytes()) << row;
  }
  EXPECT_EQ(bytes_of(*clean.finish()), bytes_of(*broken.finish()));
}

TEST(BlockBuilder, FinishTakesBackAnUnfinishedRowAndStartsAnew) {
  block_builder builder{one_of_each()};
  append_row(builder, 5, 5);
  builder.commit_row();
  append_row(builder, 6, 3);
  const auto first = builder.finish();
  EXPECT_EQ(first->rows(), 1U);
  const auto bytes_before = bytes_of(*first);
  EXPECT_EQ(builder.rows(), 0U);
  EXPECT_EQ(builder.bytes(), 0U);
  append_row(builder, 5, 5);
  builder.commit_row();
  EXPECT_EQ(bytes_of(*builder.finish()), bytes_before);
  EXPECT_EQ(bytes_of(*first), bytes_before);
}

TEST(BlockBuilder, PiecesStayWhereTheyAreWhileTheBlockLives) {
  block_ptr kept;
  {
    block_builder builder{{column("s", "String")}};
    for (int row = 0; row < 10'000; ++row) {
      builder.column(0).append_string("some text");
      builder.commit_row();
    }
    kept = builder.finish();
  }
  EXPECT_EQ(kept->rows(), 10'000U);
  EXPECT_TRUE(bytes_of(*kept).ends_with("\x09some text"));
}

TEST(BlockBuilder, NullIntoAColumnThatIsNotNullableIsNotWritten) {
  block_builder builder{{column("c", "Int32")}};
  EXPECT_THROW(builder.column(0).append_null(), std::logic_error);
  EXPECT_EQ(builder.column(0).rows(), 0U);
}

TEST(BlockBuilder, AWrongWidthNeverLeavesTheBuilder) {
#ifndef NDEBUG
  block_builder builder{{column("c", "Int32")}};
  EXPECT_DEATH(builder.column(0).append(std::int64_t{1}), "width_");
#else
  block_builder builder{{column("c", "Int32")}};
  builder.column(0).append(std::int64_t{1});
  builder.commit_row();
  EXPECT_THROW((void)builder.finish(), std::logic_error);
#endif
}

TEST(BlockBuilder, ARowThatLacksAColumnNeverLeavesTheBuilder) {
#ifndef NDEBUG
  block_builder builder{{column("a", "Int32"), column("b", "Int32")}};
  builder.column(0).append(std::int32_t{1});
  EXPECT_DEATH(builder.commit_row(), "rows");
#else
  block_builder builder{{column("a", "Int32"), column("b", "Int32")}};
  builder.column(0).append(std::int32_t{1});
  builder.commit_row();
  EXPECT_THROW((void)builder.finish(), std::logic_error);
#endif
}

} // namespace
} // namespace sluice::silver
