#include "kafka/control_log.hpp"

#include <gmock/gmock.h>

#include "kafka/embedded_broker.hpp"
#include "tests/support/fake_control_log.hpp"
#include "tests/unit/kafka/mock_cluster.hpp"
#include "tests/unit/kafka/temporary_directory.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

control_log_options options_for(const std::string& brokers) {
  control_log_options options;
  options.at.brokers = brokers;
  options.topic = control_topic("shop");
  // A mock cluster does not answer CreateTopics.
  options.create = false;
  options.deadline = 3s;
  options.fetch_wait = 10ms;
  return options;
}

/// Waits for the answer.
std::string append(control_log& log, std::string bytes) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<std::string> answer;
  log.append(std::move(bytes), [&](std::string error) {
    std::lock_guard lock{mutex};
    answer = std::move(error);
    ready.notify_all();
  });
  std::unique_lock lock{mutex};
  ready.wait(lock, [&] { return answer.has_value(); });
  return *answer;
}

/// Everything up to the end that is known at each call, from `from` on.
std::vector<std::string> read_all(control_log& log, std::int64_t& from) {
  std::vector<std::string> result;
  for (;;) {
    auto batch = log.read(from, 0ms);
    EXPECT_TRUE(batch) << batch.error();
    if (!batch)
      return result;
    for (auto& record : batch->records)
      result.push_back(std::move(record.bytes));
    from = batch->next;
    if (batch->at_end())
      return result;
  }
}

class a_control_log : public ::testing::Test {
protected:
  void SetUp() override { cluster_.create("shop.control", 1); }
  std::unique_ptr<control_log> open() {
    return open_control_log(options_for(cluster_.brokers())).value();
  }
  mock_cluster cluster_;
};

TEST_F(a_control_log, gives_every_node_every_record_in_one_order) {
  auto one = open();
  auto two = open();
  std::int64_t of_one = 0;
  EXPECT_THAT(read_all(*one, of_one), IsEmpty());
  EXPECT_EQ(append(*one, "a"), "");
  EXPECT_EQ(append(*two, std::string{"b\0c", 3}), "");
  EXPECT_EQ(append(*one, ""), "");
  EXPECT_THAT(read_all(*one, of_one),
              ElementsAre("a", (std::string{"b\0c", 3}), ""));
  EXPECT_EQ(of_one, 3);
  std::int64_t of_two = 0;
  EXPECT_EQ(read_all(*two, of_two).size(), 3U);
  of_two = 1;
  EXPECT_EQ(read_all(*two, of_two).size(), 2U) << "from any offset again";
}

TEST_F(a_control_log, waits_for_the_next_record_and_no_longer) {
  auto log = open();
  auto begin = std::chrono::steady_clock::now();
  auto none = log->read(0, 200ms);
  ASSERT_TRUE(none) << none.error();
  EXPECT_THAT(none->records, IsEmpty());
  EXPECT_TRUE(none->at_end());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 190ms);
  std::jthread later{[&] {
    std::this_thread::sleep_for(200ms);
    append(*log, "late");
  }};
  begin = std::chrono::steady_clock::now();
  auto batch = log->read(none->next, 20s);
  ASSERT_TRUE(batch) << batch.error();
  ASSERT_EQ(batch->records.size(), 1U);
  EXPECT_EQ(batch->records[0].bytes, "late");
  EXPECT_EQ(batch->records[0].offset, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(a_control_log, is_read_in_pieces_to_the_end_known_at_the_call) {
  auto log = open();
  std::atomic<int> answered = 0;
  for (auto i = 0; i < 40; ++i)
    log->append(std::string(100'000, 'x'), [&](const std::string& error) {
      EXPECT_EQ(error, "");
      ++answered;
    });
  ASSERT_TRUE(eventually([&] { return answered == 40; }));
  auto first = log->read(0, 0ms);
  ASSERT_TRUE(first) << first.error();
  EXPECT_FALSE(first->at_end());
  EXPECT_LT(first->records.size(), 20U);
  EXPECT_EQ(first->end, 40);
  std::int64_t from = first->next;
  EXPECT_EQ(read_all(*log, from).size() + first->records.size(), 40U);
}

TEST_F(a_control_log, that_ends_before_what_was_read_says_so) {
  auto log = open();
  auto batch = log->read(7, 0ms);
  ASSERT_FALSE(batch);
  EXPECT_THAT(batch.error(), HasSubstr("shop.control"));
  EXPECT_THAT(batch.error(), HasSubstr("created anew"));
  EXPECT_EQ(append(*log, "a"), "");
  std::int64_t from = 0;
  EXPECT_THAT(read_all(*log, from), ElementsAre("a"));
}

TEST_F(a_control_log, goes_on_when_its_broker_is_back) {
  auto log = open();
  EXPECT_EQ(append(*log, "a"), "");
  std::int64_t from = 0;
  EXPECT_THAT(read_all(*log, from), ElementsAre("a"));
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  const auto begin = std::chrono::steady_clock::now();
  auto batch = log->read(from, 0ms);
  ASSERT_FALSE(batch);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_THAT(batch.error(), HasSubstr("unreachable"));
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  EXPECT_EQ(append(*log, "b"), "");
  EXPECT_TRUE(eventually([&] { return log->read(from, 0ms).has_value(); }));
  EXPECT_THAT(read_all(*log, from), ElementsAre("b"));
}

TEST_F(a_control_log, that_lost_its_beginning_shows_the_gap) {
  auto log = open();
  std::atomic<int> answered = 0;
  // The mock cluster keeps 5 MiB of a partition.
  for (auto i = 0; i < 80; ++i)
    log->append(std::string(100'000, 'x'), [&](const std::string& error) {
      EXPECT_EQ(error, "");
      ++answered;
    });
  ASSERT_TRUE(eventually([&] { return answered == 80; }));
  const auto batch = log->read(1, 0ms);
  ASSERT_TRUE(batch) << batch.error();
  EXPECT_GT(batch->start, 1);
  ASSERT_FALSE(batch->records.empty());
  EXPECT_EQ(batch->records.front().offset, batch->start);
  const auto rest = log->read(batch->next, 0ms);
  ASSERT_TRUE(rest) << rest.error();
  EXPECT_LT(rest->start, batch->next) << "no gap to what was read";
}

TEST_F(a_control_log, is_not_trimmed_by_a_broker_without_that_request) {
  auto log = open();
  EXPECT_EQ(append(*log, "a"), "");
  EXPECT_EQ(append(*log, "b"), "");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(log->trim(0), trim_outcome::trimmed) << "there is nothing below";
  EXPECT_EQ(log->trim(1), trim_outcome::unsupported);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  std::int64_t from = 0;
  EXPECT_THAT(read_all(*log, from), ElementsAre("a", "b"));
}

TEST(a_control_topic, of_several_partitions_is_refused) {
  mock_cluster cluster;
  cluster.create("shop.control", 2);
  auto log = open_control_log(options_for(cluster.brokers()));
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error(), HasSubstr("shop.control has 2 partitions"));
  EXPECT_THAT(log.error(), HasSubstr("--partitions 1"));
}

TEST(a_control_topic, that_is_missing_is_not_made_by_a_visitor) {
  mock_cluster cluster;
  cluster.create("orders", 1);
  auto log = open_control_log(options_for(cluster.brokers()));
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error(), HasSubstr("shop.control does not exist"));
  auto counts = topic_partition_counts({cluster.brokers()}, 3s);
  ASSERT_TRUE(counts);
  EXPECT_FALSE(counts->contains("shop.control"));
}

TEST(a_control_topic, is_journaled_by_the_embedded_broker) {
  temporary_directory place;
  embedded_broker_options options;
  options.directory = place.path();
  options.topics = {{"orders", 1}};
  options.unread_topics = {{"shop.control", 1}};
  options.group = "shop";
  {
    auto broker = embedded_broker::start(options).value();
    auto log = open_control_log(options_for(broker->brokers())).value();
    EXPECT_EQ(append(*log, "pause"), "");
    EXPECT_EQ(append(*log, "resume"), "");
  }
  auto broker = embedded_broker::start(options).value();
  auto log = open_control_log(options_for(broker->brokers())).value();
  std::int64_t from = 0;
  EXPECT_THAT(read_all(*log, from), ElementsAre("pause", "resume"));
  EXPECT_EQ(append(*log, "reset"), "");
  EXPECT_THAT(read_all(*log, from), ElementsAre("reset"));
}

TEST(a_fake_control_log, behaves_as_the_real_one) {
  auto topic = std::make_shared<fake_control_topic>();
  fake_control_log one{topic};
  fake_control_log two{topic};
  EXPECT_EQ(append(one, "a"), "");
  EXPECT_EQ(append(two, "b"), "");
  std::int64_t from = 1;
  EXPECT_THAT(read_all(one, from), ElementsAre("b"));
  EXPECT_EQ(two.trim(1), trim_outcome::trimmed);
  EXPECT_EQ(one.trim(0), trim_outcome::trimmed) << "long gone";
  EXPECT_FALSE(one.trim(3)) << "beyond the end";
  auto batch = one.read(0, 0ms);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->start, 1);
  ASSERT_EQ(batch->records.size(), 1U);
  EXPECT_EQ(batch->records[0].offset, 1);
  topic->never_trim();
  EXPECT_EQ(one.trim(2), trim_outcome::unsupported);
  topic->fail("down");
  EXPECT_FALSE(one.trim(2));
  EXPECT_EQ(append(one, "c"), "down");
  EXPECT_FALSE(two.read(0, 0ms));
  EXPECT_THAT(topic->records(), ElementsAre("a", "b"));
}

} // namespace

} // namespace sluice::kafka
