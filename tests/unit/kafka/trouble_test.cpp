#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/commit_reply.hpp"
#include "kafka/message_batch.hpp"
#include "kafka/trouble_board.hpp"

namespace sluice::kafka {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

TEST(trouble_board, tells_each_change_once_and_always_ends_with_the_truth) {
  std::vector<std::string> told;
  trouble_board board{
      [&](std::string reason) { told.push_back(std::move(reason)); }};
  board.raise("a", "A");
  board.raise("a", "A again");
  board.raise("topic:1", "T1");
  board.raise("topic:2", "T2");
  board.clear("none");
  board.clear_all("topic:");
  board.clear("a");
  board.clear("a");
  EXPECT_THAT(told, ElementsAre("A", "T1", "T2", "A", ""));
  EXPECT_TRUE(board.healthy());
}

TEST(commit_reply, tells_owners_what_to_do) {
  using enum commit_status;
  auto status = [](rd_kafka_resp_err_t error) {
    return outcome_of(error).status;
  };
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_NO_ERROR), recorded);
  EXPECT_EQ(outcome_of(RD_KAFKA_RESP_ERR_NO_ERROR).reason, "");
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), not_owner);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID), not_owner);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID), not_owner);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS), retry);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR__TIMED_OUT), retry);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR__WAIT_COORD), retry);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE), refused);
  EXPECT_EQ(status(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED), refused);
  EXPECT_NE(outcome_of(RD_KAFKA_RESP_ERR__TIMED_OUT).reason, "");
}

TEST(describe, names_the_broker_and_what_to_do) {
  EXPECT_THAT(describe(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "refused", "b:1"),
              HasSubstr("b:1 is unreachable (refused); check kafka.brokers"));
  EXPECT_THAT(describe(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, "", "b:1"),
              HasSubstr("check sasl.username"));
  EXPECT_THAT(describe(RD_KAFKA_RESP_ERR__SSL, "", "b:1"),
              HasSubstr("ssl.ca.location"));
  EXPECT_THAT(describe(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "t", ""),
              HasSubstr("grant"));
}

TEST(record_batch, of_copies_keeps_nulls_apart_from_empty_bytes) {
  std::vector<owned_record> records;
  records.push_back({{"t", 0}, 3, 5, "k", std::nullopt, {}});
  records.push_back(
      {{"t", 0}, 9, 6, std::nullopt, "", {{"a", "bc"}, {"n", std::nullopt}}});
  auto batch = make_record_batch(records);
  ASSERT_EQ(batch->records().size(), 2U);
  EXPECT_EQ(batch->records()[0].value, std::nullopt);
  EXPECT_EQ(batch->records()[1].offset, 9);
  EXPECT_EQ(batch->records()[1].key, std::nullopt);
  EXPECT_EQ(batch->records()[1].value, "");
  ASSERT_EQ(batch->records()[1].headers.size(), 2U);
  EXPECT_EQ(batch->records()[1].headers[0].value, "bc");
  EXPECT_EQ(batch->records()[1].headers[1].value, std::nullopt);
  EXPECT_EQ(batch->bytes(), 1U + 3U + 1U);
  EXPECT_EQ(to_string(topic_partition{"t", 4}), "t/4");
}

} // namespace

} // namespace sluice::kafka
