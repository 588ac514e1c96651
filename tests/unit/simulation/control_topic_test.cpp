#include "simulation/control_topic.hpp"

#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;

class ControlTopic : public ::testing::Test {
protected:
  void SetUp() override {
    for (const auto* table : {"users", "orders", "events"})
      topic_.append({table, plan::table_verb::pause, "me", 0});
  }

  stage on_{1, nullptr};
  control_topic topic_{on_};
};

TEST_F(ControlTopic, GivesEveryNodeEveryRecord) {
  const auto one = topic_.open();
  const auto all = one->read(0, 0ms);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->records.size(), 3U);
  EXPECT_EQ(all->start, 0);
  EXPECT_TRUE(all->at_end());
  const auto rest = topic_.open()->read(2, 0ms);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->records.size(), 1U);
  EXPECT_EQ(rest->records[0].offset, 2);
}

TEST_F(ControlTopic, LosesItsBeginningForAllWhenOneTrimsIt) {
  const auto one = topic_.open();
  const auto two = topic_.open();
  EXPECT_EQ(one->trim(2), kafka::trim_outcome::trimmed);
  EXPECT_EQ(one->trim(1), kafka::trim_outcome::trimmed) << "long gone";
  EXPECT_FALSE(one->trim(4)) << "beyond the end";
  const auto left = two->read(0, 0ms);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->start, 2);
  EXPECT_EQ(left->end, 3);
  ASSERT_EQ(left->records.size(), 1U);
  EXPECT_EQ(left->records[0].offset, 2);
}

} // namespace
} // namespace sluice::simulation
