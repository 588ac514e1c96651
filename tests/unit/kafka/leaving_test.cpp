#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;

namespace {

/// Of the Kafka protocol.
constexpr std::int16_t leave_group_request = 13;

/// A member of a group that is its alone.
class leaving : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override { cluster_.create("orders", 2); }

  std::unique_ptr<group_member> join(const std::string& instance,
                                     const std::shared_ptr<recorder>& told) {
    auto options = options_for(cluster_.brokers(), "shop", {"orders"});
    options.properties["partition.assignment.strategy"] = GetParam();
    if (!instance.empty())
      options.instance_id = instance;
    return join_group(options, told).value();
  }

  static std::chrono::milliseconds close(group_member& member, recorder& told) {
    const auto begin = std::chrono::steady_clock::now();
    std::jthread releasing{[&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        told.release_revoked(member);
        std::this_thread::sleep_for(5ms);
      }
    }};
    member.close(20s);
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
  }

  /// The broker answers a LeaveGroup request late, and close() waits for the
  /// answer: so the time that close() takes says whether there was one. (The
  /// mock cluster itself waits for a whole session after any leave.)
  void leave_and_be_answered(const std::string& instance) {
    auto told = std::make_shared<recorder>();
    auto member = join(instance, told);
    ASSERT_TRUE(eventually([&] { return told->count() == 2; }));
    constexpr auto delay = 2s;
    rd_kafka_mock_broker_push_request_error_rtts(
        cluster_.get(), 1, leave_group_request, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
        static_cast<int>(std::chrono::milliseconds{delay}.count()));
    const auto took = close(*member, *told);
    EXPECT_GE(took, delay);
    EXPECT_LT(took, delay + 3s);
    EXPECT_EQ(told->count(), 0U) << "its partitions were released first";
    EXPECT_TRUE(told->lost_ones().empty());
  }

  mock_cluster cluster_;
};

TEST_P(leaving, a_static_member_tells_the_group) {
  leave_and_be_answered("node-1");
}

TEST_P(leaving, a_dynamic_member_tells_the_group) { leave_and_be_answered(""); }

TEST_P(leaving, does_not_wait_for_a_group_that_was_never_joined) {
  auto told = std::make_shared<recorder>();
  auto member = join("node-1", told);
  EXPECT_LT(close(*member, *told), 5s);
  EXPECT_EQ(told->count(), 0U);
}

TEST_P(leaving, does_not_outlast_its_deadline_when_the_broker_is_gone) {
  auto told = std::make_shared<recorder>();
  auto member = join("node-1", told);
  ASSERT_TRUE(eventually([&] { return told->count() == 2; }));
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  ASSERT_TRUE(eventually([&] { return !told->told().empty(); }));
  EXPECT_LT(close(*member, *told), 25s);
}

INSTANTIATE_TEST_SUITE_P(protocols, leaving,
                         ::testing::Values("cooperative-sticky", "range"),
                         [](const auto& which) {
                           return std::string_view{which.param} == "range"
                                      ? "eager"
                                      : "cooperative";
                         });

} // namespace

} // namespace sluice::kafka
