#include "actors/memory_budget.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

TEST(MemoryBudget, APartitionAloneMayHoldEverythingThatIsForBlocks) {
  const auto budget = std::make_shared<memory_budget>(1600);
  const memory_share only{budget};
  EXPECT_EQ(only.limit(), 1000U);
}

TEST(MemoryBudget, HalfIsReservedAndHalfIsLent) {
  const auto budget = std::make_shared<memory_budget>(1600);
  memory_share busy{budget};
  memory_share idle{budget};
  EXPECT_EQ(busy.limit(), 250U + 500U);
  busy.hold(750);
  EXPECT_EQ(busy.limit(), 750U);
  EXPECT_EQ(idle.limit(), 250U) << "its reserve is its own";
  idle.hold(250);
  EXPECT_EQ(budget->in_use(), 1000U) << "and never more";
  busy.hold(350);
  EXPECT_EQ(idle.limit(), 250U + 400U);
}

TEST(MemoryBudget, WhatEndsGivesEverythingBack) {
  const auto budget = std::make_shared<memory_budget>(1600);
  memory_share one{budget};
  {
    memory_share other{budget};
    other.hold(700);
    EXPECT_EQ(one.limit(), 250U + 50U);
  }
  EXPECT_EQ(budget->in_use(), 0U);
  EXPECT_EQ(one.limit(), 1000U);
}

TEST(MemoryBudget, ReservesShrinkAsPartitionsCome) {
  const auto budget = std::make_shared<memory_budget>(1600);
  memory_share first{budget};
  first.hold(1000);
  const memory_share second{budget};
  EXPECT_EQ(second.limit(), 250U);
  first.hold(1000);
  EXPECT_EQ(second.limit(), 250U) << "more is lent than there is to lend";
}

} // namespace
} // namespace sluice::actors
