#include "simulation/campaign.hpp"

#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

tl::expected<campaign_result, std::string> run(unsigned workers) {
  return run_campaign({100, 40, workers, 0}, [](const schedule_result& result) {
    ADD_FAILURE() << result.seed << ": " << result.violations.front();
  });
}

TEST(Campaign, GivesTheSameResultWithAnyNumberOfWorkers) {
  const auto alone = run(1);
  const auto together = run(3);
  ASSERT_TRUE(alone && together);
  EXPECT_EQ(alone->schedules, 40);
  EXPECT_EQ(together->schedules, 40);
  EXPECT_FALSE(alone->counts.empty());
  EXPECT_EQ(alone->counts, together->counts);
}

TEST(Campaign, RunsTheSeedsThatWereAskedFor) {
  tally expected;
  for (const std::uint64_t seed : {7, 8})
    for (const auto& [name, count] : run_schedule(seed, nullptr).counts)
      expected[name] += count;
  const auto done = run_campaign({7, 2, 2, 0}, [](const auto&) {});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->counts, expected);
}

} // namespace
} // namespace sluice::simulation
