#include "kafka/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/partitioner.hpp"

namespace sluice::kafka {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

namespace {

/// Takes everything, and remembers how much was unread at most.
class fake_topic final : public record_sink, public position_reader {
public:
  void send(const owned_record& record,
            std::function<void(std::string)> done) override {
    sent.push_back(record);
    auto& log = logs[record.where];
    log.sizes.push_back(stored_bytes(record));
    std::size_t unread = 0;
    for (auto i = static_cast<std::size_t>(log.committed.value_or(0));
         i < log.sizes.size(); ++i)
      unread += log.sizes[i];
    unread_most = std::max(unread_most, unread);
    done(error);
  }
  bool flush(std::chrono::milliseconds) override { return true; }

  tl::expected<log_bounds, std::string>
  bounds(const topic_partition& where) override {
    return log_bounds{0, static_cast<std::int64_t>(logs[where].sizes.size())};
  }
  tl::expected<std::map<topic_partition, committed_position>, std::string>
  committed(const std::vector<topic_partition>& partitions) override {
    ++asked;
    std::map<topic_partition, committed_position> result;
    for (const auto& where : partitions) {
      auto& log = logs[where];
      if (reads)
        log.committed =
            std::min<std::int64_t>(log.committed.value_or(0) + 3,
                                   static_cast<std::int64_t>(log.sizes.size()));
      result[where].offset = log.committed;
    }
    return result;
  }

  struct partition_log {
    std::vector<std::size_t> sizes;
    std::optional<std::int64_t> committed;
  };
  std::vector<owned_record> sent;
  std::map<topic_partition, partition_log> logs;
  std::size_t unread_most = 0;
  int asked = 0;
  bool reads = true;
  std::string error;
};

record_feed feed_of(std::vector<owned_record> records) {
  return [records = std::move(records), i = std::size_t{0}]() mutable
         -> tl::expected<std::optional<owned_record>, std::string> {
    if (i == records.size())
      return std::optional<owned_record>{};
    return std::optional{records[i++]};
  };
}

std::vector<owned_record> many(int count, std::int32_t partition = 0) {
  return std::vector<owned_record>(
      static_cast<std::size_t>(count),
      owned_record{{"t", partition}, -1, 1, "key", std::string(400, 'x'), {}});
}

const auto quiet = [](const play_progress&) {};

TEST(partitioner, agrees_with_the_java_client) {
  // Values of the Java client's own test of its murmur2.
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")),
            -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")),
            -1486304829);
}

TEST(play, stays_below_the_limit_while_the_readers_follow) {
  fake_topic topic;
  play_options options{.topics = {{"t", 1}},
                       .unread = unread_limit{.bytes = 5000, .records = 100},
                       .readers = &topic};
  auto sent = play(feed_of(many(200)), options, topic, quiet);
  ASSERT_TRUE(sent) << sent.error();
  EXPECT_EQ(*sent, 200U);
  EXPECT_LE(topic.unread_most, 5000U);
  EXPECT_GT(topic.unread_most, 4000U);
}

TEST(play, counts_records_as_well_as_bytes) {
  fake_topic topic;
  play_options options{.topics = {{"t", 1}},
                       .unread = unread_limit{.bytes = 1U << 30U, .records = 4},
                       .readers = &topic};
  ASSERT_TRUE(play(feed_of(many(50)), options, topic, quiet));
  const auto one = topic.logs.begin()->second.sizes[0];
  EXPECT_LE(topic.unread_most, 4 * one);
}

TEST(play, waits_for_what_was_unread_before_it_came) {
  fake_topic topic;
  topic.logs[{"t", 0}].sizes.assign(10, 100);
  play_options options{
      .topics = {{"t", 1}}, .unread = unread_limit{}, .readers = &topic};
  ASSERT_TRUE(play(feed_of(many(1)), options, topic, quiet));
  EXPECT_EQ((topic.logs[{"t", 0}].committed), 10);
}

TEST(play, gives_up_when_nobody_reads) {
  fake_topic topic;
  topic.reads = false;
  play_options options{.topics = {{"t", 1}},
                       .unread = unread_limit{.bytes = 2000, .records = 100},
                       .readers = &topic,
                       .patience = 100ms};
  auto sent = play(feed_of(many(50)), options, topic, quiet);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error(), HasSubstr("t/0: read up to offset 0 of 3"));
  EXPECT_THAT(sent.error(), HasSubstr("after 3 records were sent"));
}

TEST(play, without_readers_more_than_the_limit_is_an_error) {
  fake_topic topic;
  play_options options{.topics = {{"t", 1}},
                       .unread = unread_limit{.bytes = 2000, .records = 100}};
  auto sent = play(feed_of(many(50)), options, topic, quiet);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error(), HasSubstr("name the group"));
}

TEST(play, places_records_by_key_and_keeps_given_partitions) {
  fake_topic topic;
  play_options options{.topics = {{"t", 7}}};
  std::vector<owned_record> records{{{"t", -1}, -1, 1, "foobar", "v", {}},
                                    {{"t", 5}, -1, 1, "foobar", "v", {}},
                                    {{"t", -1}, -1, 1, std::nullopt, "v", {}}};
  ASSERT_TRUE(play(feed_of(records), options, topic, quiet));
  EXPECT_EQ(topic.sent[0].where.partition, partition_of("foobar", 7));
  EXPECT_EQ(topic.sent[1].where.partition, 5);
  EXPECT_EQ(topic.sent[2].where.partition, 0);
}

TEST(play, refuses_topics_and_partitions_that_are_not_there) {
  fake_topic topic;
  play_options options{.topics = {{"t", 2}}};
  auto sent = play(feed_of(many(1, 2)), options, topic, quiet);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error(), HasSubstr("no partition 2 (it has 2)"));
  options.topics.clear();
  sent = play(feed_of(many(1)), options, topic, quiet);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error(), HasSubstr("topic t does not exist"));
  EXPECT_TRUE(topic.sent.empty());
}

TEST(play, a_record_that_the_broker_refuses_ends_it) {
  fake_topic topic;
  topic.error = "message too large";
  auto sent = play(feed_of(many(3)), {.topics = {{"t", 1}}}, topic, quiet);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error(), HasSubstr("message too large"));
  EXPECT_EQ(topic.sent.size(), 1U);
}

} // namespace

} // namespace sluice::kafka
