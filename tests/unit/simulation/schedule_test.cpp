#include "simulation/schedule.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

TEST(Schedule, LosesNothingAndDoublesNothing) {
  tally counts;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto result = run_schedule(seed, nullptr);
    EXPECT_TRUE(result.violations.empty())
        << "seed " << seed << ": " << result.violations.front();
    for (const auto& [name, count] : result.counts)
      counts[name] += count;
  }
  for (const auto* name : {"nodes killed",
                           "nodes that stood still",
                           "nodes that left",
                           "rebalances",
                           "sessions expired",
                           "commits lost",
                           "commit replies lost",
                           "commits refused to a former member",
                           "commits refused in a rebalance",
                           "inserts lost",
                           "insert replies lost",
                           "inserts done later",
                           "torn inserts",
                           "blocks dropped by their token",
                           "stalls of ClickHouse",
                           "restarts of ClickHouse",
                           "tables missing for a while",
                           "static members that came back",
                           "dead letters lost",
                           "records with marks",
                           "records with notes",
                           "rows moved to another window",
                           "rows created again",
                           "gold runs done",
                           "windows run again",
                           "gold runs that nobody ended",
                           "saved states taken up",
                           "control records that came late"})
    EXPECT_GT(counts[name], 0) << name;
}

TEST(Schedule, DoesExactlyTheSameForTheSameSeed) {
  std::ostringstream first;
  std::ostringstream second;
  const auto once = run_schedule(4, &first);
  const auto again = run_schedule(4, &second);
  EXPECT_EQ(first.str(), second.str());
  EXPECT_EQ(once.counts, again.counts);
  EXPECT_EQ(once.lasted, again.lasted);
  EXPECT_NE(first.str().find("node1: starts"), std::string::npos);
}

TEST(Schedule, DoesTheSameWhetherItIsTracedOrNot) {
  std::ostringstream lines;
  const auto traced = run_schedule(5, &lines);
  const auto silent = run_schedule(5, nullptr);
  EXPECT_EQ(traced.counts, silent.counts);
  EXPECT_EQ(traced.lasted, silent.lasted);
}

TEST(Schedule, DoesSomethingElseForAnotherSeed) {
  std::ostringstream first;
  std::ostringstream second;
  static_cast<void>(run_schedule(1, &first));
  static_cast<void>(run_schedule(2, &second));
  EXPECT_NE(first.str(), second.str());
}

} // namespace
} // namespace sluice::simulation
