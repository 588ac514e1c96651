#include "simulation/native_rows.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "simulation/workload.hpp"

namespace sluice::simulation {
namespace {

TEST(NativeRows, AreReadBackOutOfABlock) {
  const auto tables = lay_out(make_topology());
  silver::block_builder rows{tables.at("orders")->block_columns};
  for (std::int64_t i = 0; i < 300; ++i) {
    rows.column(0).append(i);
    rows.column(1).append(-i);
    rows.column(2).append(i + 1);
    rows.column(3).append(static_cast<std::uint32_t>(4000 + i));
    rows.column(4).append(std::int32_t{7});
    rows.column(5).append(1000 + i);
    rows.column(6).append(static_cast<std::uint16_t>(3000 + i));
    rows.column(7).append(static_cast<std::uint64_t>(2000 + i));
    rows.column(8).append(static_cast<std::uint8_t>(i % 2));
    rows.commit_row();
  }
  const auto read = read_rows(*rows.finish());
  ASSERT_EQ(read.size(), 300);
  const auto& last = read.back();
  EXPECT_EQ(last.id, 299);
  EXPECT_EQ(last.amount, -299);
  EXPECT_EQ(last.link, 300);
  EXPECT_EQ(last.at, 4299);
  EXPECT_EQ(last.partition, 7);
  EXPECT_EQ(last.offset, 1299);
  EXPECT_EQ(last.epoch, 3299);
  EXPECT_EQ(last.version, 2299);
  EXPECT_TRUE(last.deleted);
}

TEST(NativeRows, OfAnotherTableAreRefused) {
  silver::block_builder rows{{{"name", *silver::parse_column_type("String")}}};
  rows.column(0).append_string("x");
  rows.commit_row();
  EXPECT_THROW(static_cast<void>(read_rows(*rows.finish())),
               std::runtime_error);
}

} // namespace
} // namespace sluice::simulation
