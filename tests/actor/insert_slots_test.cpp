#include "actors/insert_slots.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;

constexpr insert_slots::instant start{1h};

TEST(InsertSlots, NobodyWaitsBelowTheRate) {
  insert_slots slots{10};
  for (auto i = 0; i < 100; ++i)
    EXPECT_EQ(slots.take(start + i * 100ms, 1), start + i * 100ms);
}

TEST(InsertSlots, ASecondsWorthMayComeAtOnce) {
  insert_slots slots{10};
  for (auto i = 0; i < 10; ++i)
    EXPECT_EQ(slots.take(start, 1), start);
  EXPECT_EQ(slots.take(start, 1), start + 100ms);
  EXPECT_EQ(slots.take(start, 2), start + 300ms);
}

TEST(InsertSlots, BeyondTheRateSlotsAreEvenlyApart) {
  insert_slots slots{20};
  auto last = start;
  for (auto i = 0; i < 200; ++i)
    last = slots.take(start, 1);
  EXPECT_EQ(last, start + 9s) << "200 of them in ten seconds, one ahead";
  EXPECT_EQ(slots.take(start + 1h, 1), start + 1h);
}

} // namespace
} // namespace sluice::actors
