#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;

namespace {

/// Two members of one group on a topic of two partitions, 2,000 records each.
class rebalance : public ::testing::TestWithParam<const char*> {
protected:
  static constexpr int count = 2000;

  void SetUp() override {
    cluster_.create("orders", 2);
    std::vector<owned_record> records;
    for (int i = 0; i < 2 * count; ++i)
      records.push_back(
          make_record("orders", i % 2, std::to_string(i), std::to_string(i)));
    produce(cluster_.brokers(), records);
  }
  group_options options() const {
    auto result = options_for(cluster_.brokers(), "shop", {"orders"});
    result.properties["partition.assignment.strategy"] = GetParam();
    return result;
  }
  static void start_all(recorder& listener) {
    for (int i = 0; i < 2; ++i) {
      topic_partition where{"orders", i};
      if (auto* source = listener.source(where))
        source->start(listener.position(where).offset.value_or(0));
    }
  }

  mock_cluster cluster_;
};

TEST_P(rebalance, a_partition_moves_after_its_release_and_no_record_is_lost) {
  auto first = std::make_shared<recorder>();
  auto one = join_group(options(), first).value();
  ASSERT_TRUE(eventually([&] { return first->count() == 2; }));
  start_all(*first);
  // Partition 0 is read half and committed; partition 1 is fetched but unread.
  ASSERT_EQ(take_all(*first->source({"orders", 0}), 1000).size(), 1000U);
  ASSERT_EQ(commit(*first->source({"orders", 0}), 1000, "half").status,
            commit_status::recorded);
  auto second = std::make_shared<recorder>();
  auto two = join_group(options(), second).value();
  ASSERT_TRUE(eventually([&] { return first->has_revocations(); }, 60s));
  EXPECT_EQ(second->count(), 0U) << "not before the release";
  first->release_revoked(*one);
  ASSERT_TRUE(eventually(
      [&] {
        first->release_revoked(*one);
        return first->count() == 1 && second->count() == 1;
      },
      60s));
  topic_partition moved = second->source({"orders", 0})
                              ? topic_partition{"orders", 0}
                              : topic_partition{"orders", 1};
  topic_partition kept{"orders", 1 - moved.partition};
  EXPECT_EQ(second->position(moved).offset.has_value(), moved.partition == 0);
  if (std::string_view{GetParam()} == "range")
    start_all(*first);
  start_all(*second);
  for (const auto& where : {kept, moved}) {
    auto& listener = where == kept ? *first : *second;
    const std::size_t expected = where.partition == 0 ? 1000 : count;
    auto got = take_all(*listener.source(where), expected);
    ASSERT_EQ(got.size(), expected) << to_string(where);
    EXPECT_EQ(got.front().offset, where.partition == 0 ? 1000 : 0);
    EXPECT_EQ(got.back().offset, count - 1);
  }
  one->close(1s);
  two->close(1s);
}

INSTANTIATE_TEST_SUITE_P(protocols, rebalance,
                         ::testing::Values("cooperative-sticky", "range"),
                         [](const auto& which) {
                           return std::string_view{which.param} == "range"
                                      ? "eager"
                                      : "cooperative";
                         });

TEST(rebalance_deadline, what_is_not_released_in_time_is_lost) {
  mock_cluster cluster;
  cluster.create("orders", 2);
  auto options = options_for(cluster.brokers(), "shop", {"orders"});
  options.revocation_deadline = 300ms;
  auto first = std::make_shared<recorder>();
  auto one = join_group(options, first).value();
  ASSERT_TRUE(eventually([&] { return first->count() == 2; }));
  auto second = std::make_shared<recorder>();
  auto two = join_group(options, second).value();
  ASSERT_TRUE(eventually([&] { return first->lost_ones().size() == 1; }, 60s));
  auto gone = first->lost_ones()[0];
  auto outcome = commit(*first->source(gone), 1, "late");
  EXPECT_EQ(outcome.status, commit_status::not_owner) << outcome.reason;
  EXPECT_TRUE(eventually([&] { return second->count() == 1; }, 60s));
  EXPECT_FALSE(second->position(gone).offset);
  one->close(1s);
  two->close(1s);
}

} // namespace

} // namespace sluice::kafka
