#include "actors/held_memory.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

TEST(HeldMemory, APayloadIsHeldUntilEveryTableHasDecodedIt) {
  held_memory held;
  const auto batch = held.fed(0, 600, 2);
  EXPECT_EQ(held.undecoded(), 600U);
  held.decoded(batch, 100);
  EXPECT_EQ(held.undecoded(), 600U) << "the other table reads it still";
  EXPECT_EQ(held.total(), 700U);
  held.decoded(batch, 50);
  EXPECT_EQ(held.undecoded(), 0U);
  EXPECT_EQ(held.total(), 150U);
}

TEST(HeldMemory, BatchesMayBeDecodedOutOfOrder) {
  held_memory held;
  const auto first = held.fed(0, 10, 1);
  const auto second = held.fed(0, 20, 1);
  held.decoded(second, 2);
  EXPECT_EQ(held.undecoded(), 10U);
  held.decoded(first, 1);
  EXPECT_EQ(held.undecoded(), 0U);
  const auto third = held.fed(0, 30, 1);
  EXPECT_EQ(third, second + 1);
  held.decoded(third, 3);
  EXPECT_EQ(held.total(), 6U);
}

TEST(HeldMemory, BlocksAreHeldUntilTheirCutIsOver) {
  held_memory held;
  held.decoded(held.fed(0, 10, 1), 5);
  const auto open = held.fed(100, 20, 1);
  EXPECT_EQ(held.blocks(0), 5U);
  EXPECT_EQ(held.blocks(100), 0U);
  EXPECT_EQ(held.total(), 25U) << "what is not decoded counts as it is";
  held.decoded(open, 7);
  EXPECT_EQ(held.blocks(100), 7U);
  held.release([](std::int64_t lo) { return lo < 100; });
  EXPECT_EQ(held.blocks(0), 0U);
  EXPECT_EQ(held.total(), 7U);
}

} // namespace
} // namespace sluice::actors
