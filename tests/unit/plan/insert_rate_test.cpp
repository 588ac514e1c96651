#include "plan/insert_rate.hpp"

#include <gtest/gtest.h>

namespace sluice::plan {
namespace {

using namespace std::chrono_literals;

TEST(InsertRate, IsACutOfEachPartitionEveryFlush) {
  const topology::tuning tuning;
  EXPECT_EQ(rate_of(tuning, 4, 0ms).inserts_per_second, 4.0);
  EXPECT_EQ(rate_of(tuning, 4, 0ms).cut_age, 1s);
  EXPECT_EQ(rate_of(tuning, 10, 0ms).inserts_per_second, 10.0);
  EXPECT_EQ(rate_of(tuning, 10, 0ms).cut_age, 1s);
}

TEST(InsertRate, NeverPassesTheBudgetBecauseCutsWaitLonger) {
  topology::tuning tuning;
  EXPECT_EQ(rate_of(tuning, 64, 0ms).cut_age, 6'400ms);
  EXPECT_EQ(rate_of(tuning, 64, 0ms).inserts_per_second, 10.0);
  tuning.inserts_per_second = 3;
  const auto rate = rate_of(tuning, 7, 0ms);
  EXPECT_EQ(rate.cut_age, 2'334ms) << "rounded up";
  EXPECT_LE(rate.inserts_per_second, 3.0);
  tuning.inserts_per_second = 0.01;
  EXPECT_EQ(rate_of(tuning, 1, 0ms).cut_age, 100s);
}

topology::topology with_tables(int count, int partitions) {
  topology::topology what;
  what.kafka.embedded.partitions = partitions;
  what.tables.resize(static_cast<std::size_t>(count));
  return what;
}

TEST(InsertRate, FewTablesNeedNotTakeTurnsOnANode) {
  EXPECT_EQ(turn_on_node(with_tables(6, 4), {}), 0ms) << "24 a second";
  EXPECT_EQ(turn_on_node(with_tables(2, 64), {}), 0ms) << "10 a second each";
}

TEST(InsertRate, ManyTablesTakeTurnsOnANode) {
  auto what = with_tables(50, 4);
  const auto turn = turn_on_node(what, {});
  EXPECT_EQ(turn, 8s);
  const auto rate = rate_of(what.tuning, 4, turn);
  EXPECT_EQ(rate.cut_age, 8s);
  EXPECT_EQ(rate.inserts_per_second, 0.5);
  EXPECT_TRUE(rate.node_is_full);
  EXPECT_FALSE(rate_of(what.tuning, 64, 5s).node_is_full) << "6.4 s of its own";
  what.tuning.inserts_per_second = 200;
  EXPECT_EQ(turn_on_node(what, {}), 0ms) << "a node may do what a table may";
}

TEST(InsertRate, ATableThatWaitsForItselfLeavesTheOthersItsTurns) {
  auto what = with_tables(41, 1);
  what.tables[0].topic = "large"; // 10 a second, whatever the others do
  EXPECT_EQ(turn_on_node(what, {{"large", 100}}), 2667ms)
      << "40 in 15 a second";
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
