#include "actors/cut_pace.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;

topology::tuning tuning() {
  topology::tuning result;
  result.cut_age = 1s;
  result.cut_rows = 1000;
  result.cut_bytes = 1U << 20U;
  result.cuts_in_flight = 2;
  result.inserts_per_second = 10;
  return result;
}

TEST(CutPace, FewPartitionsKeepTheTuningsAge) {
  EXPECT_EQ((cut_pace{tuning(), 4}.age()), 1s);
  EXPECT_EQ((cut_pace{tuning(), 0}.age()), 1s);
}

TEST(CutPace, TheInsertBudgetStretchesTheAgeOfManyPartitions) {
  EXPECT_EQ((cut_pace{tuning(), 100}.age()), 10s);
}

TEST(CutPace, ACutTakesItsShareOfTheCredit) {
  cut_pace pace{tuning(), 4};
  EXPECT_EQ(pace.bytes(1U << 30U), 1U << 20U);
  EXPECT_EQ(pace.bytes(900), 600U) << "while a smaller one fills";
  EXPECT_EQ(pace.bytes(0), 1U);
}

TEST(CutPace, TooManyPartsMakeCutsOlderAndQuietMakesThemYoungAgain) {
  cut_pace pace{tuning(), 4};
  pace.written(true);
  EXPECT_EQ(pace.age(), 2s);
  for (auto i = 0; i < 20; ++i)
    pace.written(true);
  EXPECT_EQ(pace.age(), 32s);
  for (auto i = 0; i < 8; ++i)
    pace.written(false);
  EXPECT_EQ(pace.age(), 16s);
  for (auto i = 0; i < 100; ++i)
    pace.written(false);
  EXPECT_EQ(pace.age(), 1s);
}

TEST(CutPace, ABlockThatWasTooLargeHalvesThoseToCome) {
  cut_pace pace{tuning(), 4};
  pace.too_large();
  EXPECT_EQ(pace.rows(), 500U);
  EXPECT_EQ(pace.bytes(1U << 30U), 1U << 19U);
  for (auto i = 0; i < 50; ++i)
    pace.too_large();
  EXPECT_EQ(pace.rows(), 1U);
  for (auto i = 0; i < 100; ++i)
    pace.written(false);
  EXPECT_EQ(pace.rows(), 1000U);
}

} // namespace
} // namespace sluice::actors
