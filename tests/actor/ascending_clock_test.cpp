#include "actors/ascending_clock.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;
using instant = ascending_clock::instant;

class AscendingClock : public ::testing::Test {
protected:
  instant now_{1000h};
  ascending_clock clock_{[this] { return now_; }};
};

TEST_F(AscendingClock, TellsTheTimeOfDay) {
  EXPECT_EQ(clock_(), instant{1000h});
  now_ += 2h;
  EXPECT_EQ(clock_(), instant{1002h});
}

TEST_F(AscendingClock, GoesOnWhileTheTimeOfDayIsSetBack) {
  const auto before = clock_();
  now_ -= 3h;
  const auto during = clock_();
  EXPECT_GT(during, before);
  EXPECT_GT(clock_(), during);
  now_ += 4h;
  EXPECT_EQ(clock_(), instant{1001h});
}

TEST_F(AscendingClock, IsAheadOfWhatAnotherProcessHasTold) {
  clock_.follow(instant{1005h});
  EXPECT_EQ(clock_(), instant{1005h} + 1ms);
  clock_.follow(instant{1h});
  EXPECT_EQ(clock_(), instant{1005h} + 2ms);
}

} // namespace
} // namespace sluice::actors
