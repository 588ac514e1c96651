#include "kafka/topic_follower.hpp"

#include <mutex>

#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {
namespace {

using test::eventually;
using test::mock_cluster;

class TopicFollower : public testing::Test {
protected:
  TopicFollower() { cluster_.create("a", 2); }

  void produce(std::int32_t partition, const std::string& value) {
    if (!producer_)
      producer_ = make_producer({.brokers = cluster_.brokers()}).value();
    owned_record record;
    record.where = {"a", partition};
    record.value = value;
    record.headers = {{"mark", "m"}};
    producer_->send(record,
                    [](const std::string& error) { EXPECT_EQ(error, ""); });
    EXPECT_TRUE(producer_->flush(std::chrono::seconds{30}));
  }

  std::unique_ptr<topic_follower> follow() {
    return topic_follower::start({.brokers = cluster_.brokers()}, {{"a", 2}},
                                 {.record =
                                      [this](const owned_record& record) {
                                        const std::lock_guard lock{mutex_};
                                        EXPECT_EQ(record.headers.size(), 1U);
                                        read_.push_back(
                                            to_string(record.where) + ":"
                                            + std::to_string(record.offset)
                                            + "=" + record.value.value_or("-"));
                                      },
                                  .trouble =
                                      [this](std::string line) {
                                        const std::lock_guard lock{mutex_};
                                        troubles_.push_back(std::move(line));
                                      }})
        .value();
  }

  std::vector<std::string> read() {
    const std::lock_guard lock{mutex_};
    return read_;
  }

  mock_cluster cluster_;
  std::unique_ptr<record_sink> producer_;
  std::mutex mutex_;
  std::vector<std::string> read_;
  std::vector<std::string> troubles_;
};

TEST_F(TopicFollower, ReadsWhatIsThereAndWhatComes) {
  produce(0, "one");
  produce(1, "two");
  const auto follower = follow();
  EXPECT_TRUE(eventually([this] { return read().size() == 2; }));
  produce(1, "three");
  EXPECT_TRUE(eventually([this] { return read().size() == 3; }));
  EXPECT_THAT(read(), testing::UnorderedElementsAre("a/0:0=one", "a/1:0=two",
                                                    "a/1:1=three"));
  EXPECT_TRUE(eventually([&] {
    return follower->positions()
           == std::map<topic_partition, std::int64_t>{{{"a", 0}, 1},
                                                      {{"a", 1}, 2}};
  }));
}

TEST_F(TopicFollower, TellsWhichPartitionHasLostItsHead) {
  // The mock cluster keeps 5 MiB of a partition.
  for (auto i = 0; i < 8; ++i)
    produce(1, std::string(std::size_t{900} << 10U, 'x'));
  const auto follower = follow();
  EXPECT_TRUE(eventually([this] {
    const std::lock_guard lock{mutex_};
    return !troubles_.empty();
  }));
  const std::lock_guard lock{mutex_};
  EXPECT_THAT(troubles_.front(), testing::StartsWith("a/1: "));
}

TEST_F(TopicFollower, RefusesSettingsThatLibrdkafkaRefuses) {
  const auto refused = topic_follower::start(
      {.brokers = cluster_.brokers(), .properties = {{"no.such", "1"}}}, {},
      {.record = [](const owned_record&) {}, .trouble = {}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), testing::HasSubstr("no.such"));
}

} // namespace
} // namespace sluice::kafka
