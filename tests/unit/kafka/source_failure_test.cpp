#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

/// Of the Kafka protocol.
constexpr std::int16_t list_offsets_request = 2;

/// A member that owns the only partition of `orders`.
class a_failing_source : public ::testing::Test {
protected:
  void SetUp() override { cluster_.create("orders", 1); }

  void TearDown() override {
    if (member_)
      member_->close(1s);
  }

  void join() {
    member_ = join_group(options_for(cluster_.brokers(), "shop", {"orders"}),
                         listener_)
                  .value();
    ASSERT_TRUE(eventually([&] { return listener_->count() == 1; }));
  }

  partition_source& source() { return *listener_->source(where_); }

  /// Starts there and waits for the failure; no record may come before it.
  source_failure start_and_fail(std::int64_t offset) {
    std::atomic<int> told = 0;
    source().on_available([&] { ++told; });
    source().start(offset);
    const auto failed = eventually([&] {
      EXPECT_EQ(source().take(10, 1000), nullptr);
      return source().failure().has_value();
    });
    EXPECT_TRUE(failed);
    EXPECT_TRUE(eventually([&] { return told > 0; })) << "the owner is told";
    source().on_available({});
    return source().failure().value_or(source_failure{});
  }

  mock_cluster cluster_;
  std::shared_ptr<recorder> listener_ = std::make_shared<recorder>();
  std::unique_ptr<group_member> member_;
  topic_partition where_{"orders", 0};
};

TEST_F(a_failing_source, beyond_the_end_says_how_far_the_log_goes) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v")});
  join();
  const auto failure = start_and_fail(50);
  EXPECT_EQ(failure.what, source_failure::kind::beyond_end);
  EXPECT_EQ(failure.log_start, 0);
  EXPECT_EQ(failure.log_end, 1);
  EXPECT_THAT(failure.text, HasSubstr("offset 50"));
  EXPECT_THAT(failure.text, Not(HasSubstr("orders")));
  source().start(0);
  EXPECT_EQ(take_all(source(), 1).size(), 1U);
  EXPECT_FALSE(source().failure());
}

TEST_F(a_failing_source, behind_the_start_goes_on_from_it_when_told_to) {
  // The mock cluster keeps 5 MiB of a partition.
  std::vector<owned_record> records;
  for (auto i = 0; i < 160; ++i)
    records.push_back(
        make_record("orders", 0, std::nullopt, std::string(50'000, 'x')));
  produce(cluster_.brokers(), records);
  join();
  const auto failure = start_and_fail(0);
  EXPECT_EQ(failure.what, source_failure::kind::records_lost);
  EXPECT_GT(failure.log_start, 0);
  EXPECT_EQ(failure.log_end, 160);
  EXPECT_THAT(failure.text,
              HasSubstr("begins at " + std::to_string(failure.log_start)));
  source().start(failure.log_start);
  const auto rest = static_cast<std::size_t>(160 - failure.log_start);
  const auto got = take_all(source(), rest);
  ASSERT_EQ(got.size(), rest);
  EXPECT_EQ(got.front().offset, failure.log_start);
  EXPECT_FALSE(source().failure());
}

TEST_F(a_failing_source, is_not_judged_before_the_broker_has_said_the_bounds) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v")});
  join();
  std::vector<rd_kafka_resp_err_t> errors(
      1000, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  rd_kafka_mock_push_request_errors_array(cluster_.get(), list_offsets_request,
                                          errors.size(), errors.data());
  source().start(50);
  EXPECT_FALSE(eventually(
      [&] {
        EXPECT_EQ(source().take(10, 1000), nullptr);
        return source().failure().has_value();
      },
      1500ms));
  rd_kafka_mock_clear_request_errors(cluster_.get(), list_offsets_request);
  EXPECT_TRUE(eventually([&] { return source().failure().has_value(); }));
  EXPECT_EQ(source().failure()->what, source_failure::kind::beyond_end);
}

TEST_F(a_failing_source, of_a_topic_that_is_gone_says_so) {
  join();
  std::vector<rd_kafka_resp_err_t> errors(
      1000, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  rd_kafka_mock_push_request_errors_array(cluster_.get(), list_offsets_request,
                                          errors.size(), errors.data());
  const auto failure = start_and_fail(50);
  EXPECT_EQ(failure.what, source_failure::kind::topic_gone);
  EXPECT_EQ(failure.log_end, -1);
}

} // namespace

} // namespace sluice::kafka
