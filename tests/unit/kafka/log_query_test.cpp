#include "kafka/log_query.hpp"

#include <array>

#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::ElementsAre;

namespace {

constexpr int timeout_ms = 3000;

class log_query : public ::testing::Test {
protected:
  void SetUp() override {
    cluster_.create("orders", 3);
    produce(cluster_.brokers(), {make_record("orders", 0, "a", "1"),
                                 make_record("orders", 2, "b", "2"),
                                 make_record("orders", 2, "c", "3")});
    link_ =
        client::make({.type = RD_KAFKA_CONSUMER, .brokers = cluster_.brokers()})
            .value();
  }

  mock_cluster cluster_;
  std::shared_ptr<client> link_;
};

TEST_F(log_query, tells_the_bounds_of_several_partitions_in_their_order) {
  const std::array<topic_partition, 3> places{
      {{"orders", 2}, {"orders", 0}, {"orders", 1}}};
  const auto found = query_bounds(*link_, places, timeout_ms);
  ASSERT_TRUE(found) << rd_kafka_err2str(found.error());
  std::vector<std::int64_t> ends;
  for (const auto& each : *found) {
    EXPECT_EQ(each.start, 0);
    ends.push_back(each.end);
  }
  EXPECT_THAT(ends, ElementsAre(2, 1, 0));
  EXPECT_THAT(query_log_ends(*link_, places, timeout_ms).value(),
              ElementsAre(2, 1, 0));
  EXPECT_EQ(query_bounds(*link_, places[0], timeout_ms)->end, 2);
}

TEST_F(log_query, one_partition_that_is_not_there_spoils_the_answer_of_all) {
  const std::array<topic_partition, 2> places{{{"orders", 0}, {"orders", 7}}};
  EXPECT_FALSE(query_log_ends(*link_, places, timeout_ms));
  EXPECT_FALSE(query_bounds(*link_, places, timeout_ms));
  EXPECT_TRUE(query_bounds(*link_, places[0], timeout_ms));
}

} // namespace

} // namespace sluice::kafka
