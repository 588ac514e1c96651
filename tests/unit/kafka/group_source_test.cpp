#include "kafka/group_source.hpp"

#include <gmock/gmock.h>

#include "tests/unit/kafka/mock_cluster.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

/// One member alone in its group, with a topic of two partitions.
class group_source : public ::testing::Test {
protected:
  void SetUp() override { cluster_.create("orders", 2); }

  void join(group_options options) {
    listener_ = std::make_shared<recorder>();
    auto joined = join_group(options, listener_);
    ASSERT_TRUE(joined) << joined.error();
    member_ = std::move(*joined);
  }
  void join_and_wait(const std::string& group = "shop",
                     bool with_headers = false) {
    auto options = options_for(cluster_.brokers(), group, {"orders"});
    options.with_headers = with_headers;
    join(options);
    ASSERT_TRUE(eventually([&] { return listener_->count() == 2; }));
  }
  void leave() {
    std::jthread releasing{[&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        listener_->release_revoked(*member_);
        std::this_thread::sleep_for(5ms);
      }
    }};
    member_->close(10s);
  }

  mock_cluster cluster_;
  std::shared_ptr<recorder> listener_;
  std::unique_ptr<group_member> member_;
  topic_partition first_{"orders", 0};
  topic_partition second_{"orders", 1};
};

TEST_F(group_source, keeps_keys_values_tombstones_timestamps_and_headers) {
  auto plain = make_record("orders", 0, "k1", "v1", 1'700'000'000'001);
  plain.headers = {{"source", "pg"}, {"empty", ""}, {"none", std::nullopt}};
  auto tombstone = make_record("orders", 0, "k2", std::nullopt);
  auto keyless = make_record("orders", 0, std::nullopt, "");
  produce(cluster_.brokers(), {plain, tombstone, keyless});
  join_and_wait("headers", true);
  auto* source = listener_->source(first_);
  EXPECT_EQ(source->take(10, 1000), nullptr) << "not started yet";
  EXPECT_FALSE(listener_->position(first_).offset);
  listener_->source(first_)->start(std::nullopt);
  auto got = take_all(*source, 3);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].key, "k1");
  EXPECT_EQ(got[0].value, "v1");
  EXPECT_EQ(got[0].timestamp_ms, 1'700'000'000'001);
  ASSERT_EQ(got[0].headers.size(), 3U);
  EXPECT_EQ(got[0].headers[0].name, "source");
  EXPECT_EQ(got[0].headers[0].value, "pg");
  EXPECT_EQ(got[0].headers[1].value, "");
  EXPECT_EQ(got[0].headers[2].value, std::nullopt);
  EXPECT_EQ(got[1].value, std::nullopt);
  EXPECT_EQ(got[2].key, std::nullopt);
  EXPECT_EQ(got[2].value, "");
  EXPECT_EQ(source->position(), 3);
  EXPECT_TRUE(eventually([&] {
    auto bounds = source->bounds();
    return bounds && bounds->start == 0 && bounds->end == 3;
  }));
  leave();
}

TEST_F(group_source, a_batch_outlives_its_source_and_its_member) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "kept")});
  join_and_wait();
  listener_->source(first_)->start(0);
  record_batch_ptr batch;
  ASSERT_TRUE(eventually([&] {
    batch = listener_->source(first_)->take(10, 1000);
    return batch != nullptr;
  }));
  leave();
  member_.reset();
  EXPECT_EQ(batch->records()[0].value, "kept");
  EXPECT_EQ(batch->bytes(), 5U);
}

TEST_F(group_source, takes_at_most_the_bytes_and_records_asked_for) {
  std::vector<owned_record> records;
  for (int i = 0; i < 10; ++i)
    records.push_back(
        make_record("orders", 0, std::nullopt, std::string(100, 'x')));
  produce(cluster_.brokers(), records);
  join_and_wait();
  listener_->source(first_)->start(0);
  auto* source = listener_->source(first_);
  record_batch_ptr batch;
  auto next = [&](std::size_t count, std::size_t bytes) {
    EXPECT_TRUE(eventually([&] {
      batch = source->take(count, bytes);
      return batch != nullptr;
    }));
    return batch->records().size();
  };
  EXPECT_EQ(next(1, 1'000'000), 1U);
  EXPECT_EQ(next(100, 250), 2U);
  EXPECT_EQ(next(100, 1), 1U) << "at least one record";
  EXPECT_EQ(source->position(), 4);
  EXPECT_EQ(take_all(*source, 6).size(), 6U);
  leave();
}

TEST_F(group_source, tells_the_owner_when_records_arrive) {
  join_and_wait();
  auto* source = listener_->source(first_);
  std::atomic<int> told = 0;
  source->on_available([&] { ++told; });
  listener_->source(first_)->start(0);
  ASSERT_TRUE(eventually([&] { return told > 0; }));
  while (source->take(10, 1000)) {
  }
  told = 0;
  EXPECT_EQ(source->take(10, 1000), nullptr);
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v")});
  ASSERT_TRUE(eventually([&] { return told > 0; }));
  EXPECT_EQ(take_all(*source, 1).size(), 1U);
  leave();
}

TEST_F(group_source, a_commit_with_4000_bytes_of_metadata_comes_back) {
  std::string metadata(4000, 'm');
  join_and_wait();
  std::vector<std::string> journaled;
  auto outcome = commit(*listener_->source(second_), 7, metadata);
  EXPECT_EQ(outcome.status, commit_status::recorded) << outcome.reason;
  leave();
  EXPECT_EQ(listener_->count(), 0U) << "close revokes everything";
  join_and_wait();
  EXPECT_EQ(listener_->position(second_).offset, 7);
  EXPECT_EQ(listener_->position(second_).metadata, metadata);
  EXPECT_FALSE(listener_->position(first_).offset);
  leave();
}

TEST_F(group_source, a_commit_is_recorded_only_when_the_journal_has_it) {
  auto options = options_for(cluster_.brokers(), "journaled", {"orders"});
  std::atomic<bool> works = false;
  std::atomic<int> calls = 0;
  options.journal_commit =
      [&](const topic_partition&, std::int64_t,
          const std::string&) -> tl::expected<void, std::string> {
    ++calls;
    if (works)
      return {};
    return tl::unexpected{std::string{"disk full"}};
  };
  join(options);
  ASSERT_TRUE(eventually([&] { return listener_->count() == 2; }));
  auto outcome = commit(*listener_->source(first_), 1, "a");
  EXPECT_EQ(outcome.status, commit_status::retry);
  EXPECT_EQ(outcome.reason, "disk full");
  works = true;
  EXPECT_EQ(commit(*listener_->source(first_), 1, "a").status,
            commit_status::recorded);
  EXPECT_EQ(calls, 2);
  leave();
}

TEST_F(group_source, commits_after_leaving_are_refused) {
  join_and_wait();
  std::unique_ptr<partition_source> source;
  member_->close(3s);
  auto outcome = commit(*listener_->source(first_), 1, "");
  EXPECT_EQ(outcome.status, commit_status::not_owner);
  EXPECT_EQ(listener_->lost_ones().size(), 2U)
      << "what was not released in time is lost";
}

TEST_F(group_source, an_assignment_says_how_many_partitions_and_which_log) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v0"),
                               make_record("orders", 0, "k", "v1")});
  join_and_wait();
  EXPECT_EQ(listener_->partition_count(first_), 2);
  ASSERT_TRUE(listener_->log_at_assignment(first_));
  EXPECT_EQ(listener_->log_at_assignment(first_)->start, 0);
  EXPECT_EQ(listener_->log_at_assignment(first_)->end, 2);
  EXPECT_EQ(listener_->log_at_assignment(second_)->end, 0);
  EXPECT_EQ(listener_->source(first_)->bounds()->end, 2)
      << "the source knows it from the beginning";
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v2")});
  member_->reopen(first_);
  EXPECT_TRUE(eventually([&] {
    return listener_->log_at_assignment(first_)->end == 3;
  })) << "and is asked anew";
  leave();
}

TEST_F(group_source, reopen_hands_a_partition_out_again_as_it_is_committed) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v0"),
                               make_record("orders", 0, "k", "v1")});
  join_and_wait();
  listener_->source(first_)->start(0);
  ASSERT_EQ(take_all(*listener_->source(first_), 2).size(), 2U);
  ASSERT_EQ(commit(*listener_->source(first_), 1, "again").status,
            commit_status::recorded);
  member_->reopen(first_);
  ASSERT_TRUE(eventually(
      [&] { return listener_->position(first_).metadata == "again"; }));
  EXPECT_EQ(listener_->source(first_)->take(10, 1000), nullptr);
  EXPECT_EQ(listener_->source(first_)->position(), -1)
      << "a former life's position would pass for this one's";
  listener_->source(first_)->start(listener_->position(first_).offset);
  auto got = take_all(*listener_->source(first_), 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].offset, 1);
  leave();
}

TEST_F(group_source, an_owner_of_the_time_before_can_do_nothing_any_more) {
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v0"),
                               make_record("orders", 0, "k", "v1"),
                               make_record("orders", 0, "k", "v2")});
  join_and_wait();
  auto former = listener_->take_source(first_);
  member_->reopen(first_);
  ASSERT_TRUE(eventually([&] { return listener_->source(first_) != nullptr; }));
  auto* source = listener_->source(first_);
  source->start(2);
  former->start(0);
  EXPECT_EQ(commit(*former, 3, "stale").status, commit_status::not_owner);
  const auto got = take_all(*source, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].offset, 2);
  EXPECT_EQ(former->take(10, 1000), nullptr);
  // It may let go of its own only now.
  std::atomic<int> told = 0;
  source->on_available([&] { ++told; });
  while (source->take(10, 1000)) {
  }
  former.reset();
  const int before = told;
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v3")});
  EXPECT_TRUE(eventually([&] { return told > before; }))
      << "the former owner's end must not silence the new one";
  EXPECT_EQ(take_all(*source, 1).at(0).offset, 3);
  EXPECT_EQ(commit(*source, 4, "ours").status, commit_status::recorded);
  leave();
}

TEST_F(group_source, a_member_that_was_expelled_joins_again_as_another) {
  constexpr std::int16_t heartbeat_request = 12;
  produce(cluster_.brokers(), {make_record("orders", 0, "k", "v0"),
                               make_record("orders", 0, "k", "v1")});
  join_and_wait();
  listener_->source(first_)->start(0);
  ASSERT_EQ(take_all(*listener_->source(first_), 2).size(), 2U);
  ASSERT_EQ(commit(*listener_->source(first_), 1, "before").status,
            commit_status::recorded);
  rd_kafka_mock_push_request_errors(cluster_.get(), heartbeat_request, 1,
                                    RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
  ASSERT_TRUE(eventually([&] { return listener_->loss_count() == 2; }));
  const auto former = listener_->take_source(first_);
  const auto other = listener_->take_source(second_);
  EXPECT_EQ(commit(*former, 2, "stale").status, commit_status::not_owner);
  EXPECT_EQ(former->take(10, 1000), nullptr);
  ASSERT_TRUE(eventually([&] { return listener_->count() == 2; }));
  EXPECT_EQ(listener_->position(first_).metadata, "before");
  listener_->source(first_)->start(1);
  EXPECT_EQ(take_all(*listener_->source(first_), 1).at(0).offset, 1);
  EXPECT_EQ(commit(*listener_->source(first_), 2, "after").status,
            commit_status::recorded);
  EXPECT_EQ(commit(*former, 1, "stale").status, commit_status::not_owner);
  const auto told = listener_->told();
  ASSERT_GE(told.size(), 2U);
  EXPECT_THAT(told[told.size() - 2],
              HasSubstr("the membership in group shop has ended"));
  EXPECT_EQ(told.back(), "") << "and is well again";
  leave();
}

TEST(group_source_trouble, an_unreachable_broker_is_told_once_and_close_ends) {
  auto listener = std::make_shared<recorder>();
  auto member =
      join_group(options_for("127.0.0.1:1", "g", {"orders"}), listener);
  ASSERT_TRUE(member);
  ASSERT_TRUE(eventually([&] { return !listener->told().empty(); }));
  std::this_thread::sleep_for(2s);
  ASSERT_EQ(listener->told().size(), 1U);
  EXPECT_THAT(listener->told()[0], HasSubstr("127.0.0.1:1 is unreachable"));
  EXPECT_THAT(listener->told()[0], HasSubstr("Connection refused"));
  auto begin = std::chrono::steady_clock::now();
  (*member)->close(3s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(group_source_trouble, a_broker_that_comes_back_is_healthy_again) {
  mock_cluster cluster;
  cluster.create("orders", 1);
  auto listener = std::make_shared<recorder>();
  auto member =
      join_group(options_for(cluster.brokers(), "g", {"orders"}), listener);
  ASSERT_TRUE(member);
  ASSERT_TRUE(eventually([&] { return listener->count() == 1; }));
  rd_kafka_mock_broker_set_down(cluster.get(), 1);
  ASSERT_TRUE(eventually([&] { return listener->told().size() == 1; }));
  rd_kafka_mock_broker_set_up(cluster.get(), 1);
  ASSERT_TRUE(eventually([&] { return listener->told().size() == 2; }));
  EXPECT_EQ(listener->told()[1], "");
  (*member)->close(2s);
}

TEST(group_source_trouble, a_missing_topic_is_told_until_it_is_there) {
  mock_cluster cluster;
  cluster.create("orders", 1);
  rd_kafka_mock_topic_set_error(cluster.get(), "orders",
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto listener = std::make_shared<recorder>();
  auto options = options_for(cluster.brokers(), "g", {"orders"});
  options.properties["topic.metadata.refresh.interval.ms"] = "500";
  auto member = join_group(options, listener);
  ASSERT_TRUE(member);
  ASSERT_TRUE(eventually([&] { return listener->told().size() == 1; }));
  EXPECT_THAT(listener->told()[0], HasSubstr("orders"));
  EXPECT_THAT(listener->told()[0], HasSubstr("create it"));
  rd_kafka_mock_topic_set_error(cluster.get(), "orders",
                                RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_TRUE(eventually([&] { return listener->count() == 1; }));
  EXPECT_TRUE(eventually([&] { return listener->told().back().empty(); }));
  (*member)->close(2s);
}

TEST(group_source_options, settings_that_guarantees_rest_on_are_refused) {
  auto options = options_for("127.0.0.1:1", "g", {"t"});
  options.properties["enable.auto.commit"] = "true";
  auto member = join_group(options, std::make_shared<recorder>());
  ASSERT_FALSE(member);
  EXPECT_THAT(member.error(), HasSubstr("enable.auto.commit"));
  options.properties = {{"no.such.setting", "1"}};
  member = join_group(options, std::make_shared<recorder>());
  ASSERT_FALSE(member);
  EXPECT_THAT(member.error(), HasSubstr("no.such.setting"));
}

TEST_F(group_source, a_partition_without_a_leader_does_not_hold_up_another) {
  constexpr std::size_t count = 3000;
  std::vector<owned_record> records;
  for (std::size_t i = 0; i < count; ++i)
    records.push_back(make_record("orders", 0, "k", std::string(100, 'v')));
  produce(cluster_.brokers(), records);
  rd_kafka_mock_partition_set_leader(cluster_.get(), "orders", 1, -1);
  auto options = options_for(cluster_.brokers(), "shop", {"orders"});
  // So that the fetcher falls asleep and has to be nudged, again and again.
  options.queue_bytes_total = 1U << 16U;
  join(options);
  ASSERT_TRUE(eventually([&] { return listener_->source(first_) != nullptr; }));
  EXPECT_EQ(listener_->source(second_), nullptr);
  auto* source = listener_->source(first_);
  source->start(0);
  EXPECT_EQ(take_all(*source, count).size(), count);
  rd_kafka_mock_partition_set_leader(cluster_.get(), "orders", 1, 1);
  EXPECT_TRUE(
      eventually([&] { return listener_->source(second_) != nullptr; }));
  leave();
}

} // namespace

} // namespace sluice::kafka
