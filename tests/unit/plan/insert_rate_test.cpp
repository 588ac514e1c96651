#include "plan/insert_rate.hpp"

#include <gtest/gtest.h>

namespace sluice::plan {
namespace {

using namespace std::chrono_literals;

TEST(InsertRate, IsACutOfEachPartitionEveryFlush) {
  const topology::tuning tuning;
  EXPECT_EQ(rate_of(tuning, 4).inserts_per_second, 4.0);
  EXPECT_EQ(rate_of(tuning, 4).cut_age, 1s);
  EXPECT_EQ(rate_of(tuning, 10).inserts_per_second, 10.0);
  EXPECT_EQ(rate_of(tuning, 10).cut_age, 1s);
}

TEST(InsertRate, NeverPassesTheBudgetBecauseCutsWaitLonger) {
  topology::tuning tuning;
  EXPECT_EQ(rate_of(tuning, 64).cut_age, 6'400ms);
  EXPECT_EQ(rate_of(tuning, 64).inserts_per_second, 10.0);
  tuning.inserts_per_second = 3;
  const auto rate = rate_of(tuning, 7);
  EXPECT_EQ(rate.cut_age, 2'334ms) << "rounded up";
  EXPECT_LE(rate.inserts_per_second, 3.0);
  tuning.inserts_per_second = 0.01;
  EXPECT_EQ(rate_of(tuning, 1).cut_age, 100s);
}

TEST(InsertRate, SaysUpToHowManyPartitionsNothingWaits) {
  topology::tuning tuning;
  EXPECT_EQ(partitions_at_full_rate(tuning), 10);
  tuning.cut_age = 200ms;
  EXPECT_EQ(partitions_at_full_rate(tuning), 2);
}

TEST(InsertRate, TakesPartitionsAsCountedElseAsTheEmbeddedBrokerMakesThem) {
  topology::topology what;
  what.kafka.embedded.partitions = 3;
  EXPECT_EQ(partitions_of("t", what, {}), 3);
  EXPECT_EQ(partitions_of("t", what, {{"t", 9}}), 9);
  what.kafka.brokers = "k:9092";
  EXPECT_EQ(partitions_of("t", what, {{"other", 9}}), std::nullopt);
}

TEST(InsertRate, CountsTheBlocksThatMayBeRepeated) {
  topology::topology what;
  EXPECT_EQ(blocks_in_flight(what.tuning, 64), 128U);
  EXPECT_EQ(blocks_during_a_request(what), 3'000U);
}

TEST(InsertRate, IsShownWithTwoDecimalsAtMost) {
  EXPECT_EQ(rate_text(4), "4");
  EXPECT_EQ(rate_text(20.0 / 3), "6.67");
  EXPECT_EQ(rate_text(0.5), "0.5");
}

} // namespace
} // namespace sluice::plan
