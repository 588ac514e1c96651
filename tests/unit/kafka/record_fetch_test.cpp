#include "kafka/record_fetch.hpp"

#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::HasSubstr;

namespace {

class record_fetch : public ::testing::Test {
protected:
  void SetUp() override {
    cluster_.create("orders", 2);
    fetcher_ = make_record_fetcher({.brokers = cluster_.brokers()}).value();
  }

  void produce_numbered(int count, std::size_t size = 10) {
    std::vector<owned_record> records;
    for (auto i = 0; i < count; ++i) {
      records.push_back(make_record("orders", 1, "k" + std::to_string(i),
                                    std::string(size, 'x')));
      records.back().headers = {{"n", std::to_string(i)}};
    }
    produce(cluster_.brokers(), records);
  }

  /// "-" where there is none.
  std::vector<std::string> keys_at(std::vector<std::int64_t> offsets) {
    auto records = fetcher_->fetch(where_, offsets, 20s);
    EXPECT_TRUE(records) << records.error();
    std::vector<std::string> result;
    for (const auto& each : records.value())
      result.push_back(each ? each->key.value_or("") : "-");
    return result;
  }

  mock_cluster cluster_;
  std::unique_ptr<record_fetcher> fetcher_;
  topic_partition where_{"orders", 1};
};

TEST_F(record_fetch, gives_whole_records_in_the_order_asked_for) {
  produce_numbered(3000);
  auto records = fetcher_->fetch(where_, std::vector<std::int64_t>{7}, 20s);
  ASSERT_TRUE(records) << records.error();
  ASSERT_TRUE(records->front());
  const auto& record = *records->front();
  EXPECT_EQ(record.where, where_);
  EXPECT_EQ(record.offset, 7);
  EXPECT_EQ(record.timestamp_ms, 1'700'000'000'000);
  EXPECT_EQ(record.value, std::string(10, 'x'));
  ASSERT_EQ(record.headers.size(), 1U);
  EXPECT_EQ(record.headers[0].value, "7");
  EXPECT_THAT(
      keys_at({2999, 0, 8, 9, 1500, 0, 600}),
      ::testing::ElementsAre("k2999", "k0", "k8", "k9", "k1500", "k0", "k600"));
  EXPECT_THAT(keys_at({}), ::testing::IsEmpty());
}

TEST_F(record_fetch, has_nothing_where_the_log_has_nothing) {
  // The mock cluster keeps 5 MiB of a partition.
  produce_numbered(160, 50'000);
  EXPECT_THAT(keys_at({0, 159, 160, 5000, -1}),
              ::testing::ElementsAre("-", "k159", "-", "-", "-"));
}

TEST_F(record_fetch, of_an_empty_partition_has_nothing) {
  EXPECT_THAT(keys_at({0, 1}), ::testing::ElementsAre("-", "-"));
}

TEST_F(record_fetch, moves_nobodys_position) {
  produce_numbered(3);
  EXPECT_THAT(keys_at({1}), ::testing::ElementsAre("k1"));
  auto listener = std::make_shared<recorder>();
  auto member =
      join_group(options_for(cluster_.brokers(), "shop", {"orders"}), listener)
          .value();
  ASSERT_TRUE(eventually([&] { return listener->count() == 2; }));
  EXPECT_FALSE(listener->position(where_).offset);
  member->close(1s);
}

TEST_F(record_fetch, says_that_the_broker_does_not_answer) {
  produce_numbered(3);
  EXPECT_THAT(keys_at({1}), ::testing::ElementsAre("k1"));
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  const std::vector<std::int64_t> offsets{2};
  const auto begin = std::chrono::steady_clock::now();
  auto records = fetcher_->fetch(where_, offsets, 1s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error(), HasSubstr("orders/1: "));
  EXPECT_THAT(records.error(), HasSubstr("unreachable"));
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  EXPECT_THAT(keys_at({2}), ::testing::ElementsAre("k2"));
}

TEST_F(record_fetch, says_that_a_partition_is_not_there) {
  const std::vector<std::int64_t> offsets{2};
  auto records = fetcher_->fetch({"orders", 9}, offsets, 3s);
  ASSERT_FALSE(records);
  EXPECT_THAT(records.error(), HasSubstr("orders/9: "));
  EXPECT_THAT(records.error(), HasSubstr("does not have the topic"));
}

} // namespace

TEST_F(record_fetch, an_embedded_broker_does_not_tell_its_retention) {
  produce_numbered(3);
  const auto expiry = fetcher_->expiry_of(where_, 1, 3s);
  ASSERT_TRUE(expiry) << expiry.error();
  EXPECT_FALSE(*expiry);
}

} // namespace sluice::kafka
