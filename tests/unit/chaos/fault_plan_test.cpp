#include "chaos/fault_plan.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>

namespace sluice::chaos {
namespace {

std::vector<fault> played(std::uint64_t seed, int percent, int requests) {
  fault_plan plan{seed};
  plan.set_rate(percent);
  std::vector<fault> result;
  for (auto i = 0; i < requests; ++i)
    result.push_back(
        plan.next({.is_insert = true, .token = "token" + std::to_string(i)}));
  return result;
}

TEST(FaultPlan, PlaysNothingUnlessToldTo) {
  EXPECT_THAT(played(1, 0, 1000), testing::Each(fault::none));
}

TEST(FaultPlan, PlaysTheSameForTheSameSeed) {
  EXPECT_EQ(played(7, 30, 500), played(7, 30, 500));
  EXPECT_NE(played(7, 30, 500), played(8, 30, 500));
}

TEST(FaultPlan, MeetsInsertsWithEveryFaultAtItsRate) {
  std::map<fault, int> counts;
  for (const auto one : played(3, 20, 10'000))
    ++counts[one];
  EXPECT_EQ(counts.size(), fault_kinds);
  EXPECT_NEAR(counts[fault::none], 8000, 300);
}

TEST(FaultPlan, MeetsQuestionsOnlyWithWhatAQuestionCanMeet) {
  fault_plan plan{5};
  plan.set_rate(100);
  for (auto i = 0; i < 1000; ++i) {
    const auto one = plan.next({});
    EXPECT_NE(one, fault::memory_limit);
    EXPECT_NE(one, fault::late);
    EXPECT_NE(one, fault::none);
  }
}

TEST(FaultPlan, LetsCommandsComeLateAndTheirAnswersBeLost) {
  fault_plan plan{5};
  plan.set_rate(100);
  std::set<fault> seen;
  for (auto i = 0; i < 1000; ++i)
    seen.insert(plan.next({.is_command = true}));
  EXPECT_TRUE(seen.contains(fault::late));
  EXPECT_TRUE(seen.contains(fault::failed_after));
  EXPECT_TRUE(seen.contains(fault::timeout_after));
  EXPECT_FALSE(seen.contains(fault::none));
  EXPECT_FALSE(seen.contains(fault::too_many_parts));
}

TEST(FaultPlan, TemptsToSplitABlockWhoseOutcomeIsUnknown) {
  fault_plan plan{11};
  auto unknown = 0;
  auto tempted = 0;
  for (auto i = 0; i < 4000; ++i) {
    const request_facts request{.is_insert = true,
                                .token = "token" + std::to_string(i)};
    plan.set_rate(100);
    const auto first = plan.next(request);
    if (first != fault::lost_reply && first != fault::cut_reply)
      continue;
    ++unknown;
    plan.set_rate(0);
    if (plan.next(request) == fault::memory_limit)
      ++tempted;
    EXPECT_EQ(plan.next(request), fault::none) << "only once";
  }
  EXPECT_GT(unknown, 200);
  EXPECT_NEAR(tempted, unknown / 2, unknown / 8);
}

TEST(FaultPlan, NamesEveryFault) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < fault_kinds; ++i)
    names.insert(to_string(static_cast<fault>(i)));
  EXPECT_EQ(names.size(), fault_kinds);
  EXPECT_EQ(to_string(fault::late), "late");
}

} // namespace
} // namespace sluice::chaos
