#include "kafka/embedded_broker.hpp"

#include <gmock/gmock.h>

#include "kafka/group_positions.hpp"
#include "kafka/play.hpp"
#include "tests/unit/kafka/mock_cluster.hpp"
#include "tests/unit/kafka/temporary_directory.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

using broker_ptr = std::unique_ptr<embedded_broker>;

struct told_lines {
  std::mutex mutex;
  std::vector<std::string> lines;
};

embedded_broker_options broker_options(const std::filesystem::path& directory) {
  embedded_broker_options options;
  options.directory = directory;
  options.topics = {{"orders", 2}};
  options.group = "shop";
  return options;
}

broker_ptr start(const std::filesystem::path& directory) {
  auto broker = embedded_broker::start(broker_options(directory));
  EXPECT_TRUE(broker) << broker.error();
  return broker ? std::move(*broker) : nullptr;
}

std::vector<owned_record> read_back(const embedded_broker& broker,
                                    const topic_partition& where,
                                    std::size_t count) {
  auto listener = std::make_shared<recorder>();
  auto options = options_for(broker.brokers(), "reader", {where.topic});
  options.with_headers = true;
  auto member = join_group(options, listener).value();
  EXPECT_TRUE(eventually([&] { return listener->source(where) != nullptr; }));
  listener->source(where)->start(std::nullopt);
  auto result = take_all(*listener->source(where), count);
  member->close(1s);
  return result;
}

TEST(embedded_broker, topics_that_it_has_are_there_for_whoever_asks) {
  temporary_directory place;
  const auto broker = start(place.path());
  ASSERT_NE(broker, nullptr);
  const broker_address at{broker->brokers()};
  EXPECT_TRUE(ensure_topics(at, {{"orders", 2}}, 5s));
  const auto since = std::chrono::steady_clock::now();
  const auto refused = ensure_topics(at, {{"orders", 2}, {"shop.dlq", 1}}, 30s);
  EXPECT_LT(std::chrono::steady_clock::now() - since, 20s)
      << "it never answers a request to create one";
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("topic shop.dlq does not exist"));
  EXPECT_THAT(refused.error(), HasSubstr("sluice kafka --topic shop.dlq:1"));
}

TEST(embedded_broker, a_restart_gives_the_same_records_and_commits) {
  temporary_directory place;
  auto first = make_record("orders", 1, "k1", "v1", 1'700'000'000'123);
  first.headers = {{"h", "x"}, {"n", std::nullopt}};
  auto tombstone = make_record("orders", 1, "k1", std::nullopt);
  auto keyless = make_record("orders", 1, std::nullopt, "");
  std::string metadata(4000, 'm');
  {
    auto broker = start(place.path());
    ASSERT_NE(broker, nullptr);
    produce(broker->brokers(), {first, tombstone, keyless});
    ASSERT_TRUE(broker->wait_journaled(10s));
    ASSERT_TRUE(broker->journal_commit("shop", {"orders", 1}, 2, metadata));
  }
  auto broker = start(place.path());
  ASSERT_NE(broker, nullptr);
  EXPECT_TRUE(broker->is_played_back());
  EXPECT_THAT(broker->notices(), IsEmpty());
  auto positions = group_positions::make({broker->brokers()}, "shop").value();
  auto committed = positions->committed({{"orders", 0}, {"orders", 1}}).value();
  EXPECT_EQ((committed[{"orders", 1}].offset), 2);
  EXPECT_EQ((committed[{"orders", 1}].metadata), metadata);
  EXPECT_FALSE((committed[{"orders", 0}].offset));
  produce(broker->brokers(), {make_record("orders", 1, "k4", "v4")});
  auto got = read_back(*broker, {"orders", 1}, 4);
  ASSERT_EQ(got.size(), 4U);
  EXPECT_EQ(got[0].offset, 0);
  EXPECT_EQ(got[0].timestamp_ms, 1'700'000'000'123);
  ASSERT_EQ(got[0].headers.size(), 2U);
  EXPECT_EQ(got[0].headers[0].value, "x");
  EXPECT_EQ(got[0].headers[1].value, std::nullopt);
  EXPECT_EQ(got[1].key, "k1");
  EXPECT_EQ(got[1].value, std::nullopt);
  EXPECT_EQ(got[2].key, std::nullopt);
  EXPECT_EQ(got[2].value, "");
  EXPECT_EQ(got[3].offset, 3);
}

TEST(embedded_broker, a_copy_taken_while_it_runs_is_what_a_kill_leaves) {
  temporary_directory place;
  temporary_directory copy;
  auto broker = start(place.path());
  ASSERT_NE(broker, nullptr);
  produce(broker->brokers(), {make_record("orders", 0, "a", "1"),
                              make_record("orders", 0, "b", "2")});
  ASSERT_TRUE(broker->wait_journaled(10s));
  std::filesystem::copy(place.path(), copy.path() / "data");
  auto file = copy.path() / "data" / "orders-0.records";
  auto bytes = read_all(file);
  write_all(file, bytes.substr(0, bytes.size() - 5));
  auto second = start(copy.path() / "data");
  ASSERT_NE(second, nullptr);
  ASSERT_EQ(second->notices().size(), 1U);
  EXPECT_THAT(second->notices()[0], HasSubstr("cut off"));
  auto positions = group_positions::make({second->brokers()}, "x").value();
  EXPECT_EQ(positions->bounds({"orders", 0})->end, 1);
}

TEST(embedded_broker, one_process_at_a_time_and_a_directory_it_can_write) {
  temporary_directory place;
  auto broker = start(place.path());
  auto second = embedded_broker::start(broker_options(place.path()));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("in use by another process"));
  write_all(place.path() / "file", "");
  auto third =
      embedded_broker::start(broker_options(place.path() / "file" / "x"));
  ASSERT_FALSE(third);
  EXPECT_THAT(third.error(), HasSubstr("choose another data directory"));
}

TEST(embedded_broker, topics_made_later_or_by_clients_come_back) {
  temporary_directory place;
  {
    auto broker = start(place.path());
    ASSERT_TRUE(broker->create_topic({"dlq", 1}));
    ASSERT_TRUE(broker->create_topic({"dlq", 1})) << "twice does no harm";
    produce(broker->brokers(), {make_record("dlq", 0, "k", "dead"),
                                make_record("made.by.client", 0, "k", "v")});
    ASSERT_TRUE(broker->wait_journaled(10s));
  }
  auto options = broker_options(place.path());
  options.topics = {{"orders", 3}};
  auto broker = embedded_broker::start(options).value();
  auto counts = topic_partition_counts({broker->brokers()}, 5s).value();
  EXPECT_EQ(counts["dlq"], 1);
  EXPECT_EQ(counts["made.by.client"], 4);
  EXPECT_EQ(counts["orders"], 2) << "the journal's count stays";
  EXPECT_THAT(broker->notices(),
              ::testing::ElementsAre(HasSubstr("orders keeps its 2")));
  auto positions = group_positions::make({broker->brokers()}, "x").value();
  EXPECT_EQ(positions->bounds({"dlq", 0})->end, 1);
  EXPECT_EQ(positions->bounds({"made.by.client", 0})->end, 1);
}

TEST(embedded_broker, commits_of_other_processes_are_journaled) {
  temporary_directory place;
  {
    auto broker = start(place.path());
    auto outside = group_positions::make({broker->brokers()}, "shop").value();
    ASSERT_TRUE(outside->commit({{{"orders", 0}, {5, "outside"}}}));
    std::this_thread::sleep_for(600ms);
  }
  auto broker = start(place.path());
  auto positions = group_positions::make({broker->brokers()}, "shop").value();
  auto committed = positions->committed({{"orders", 0}}).value();
  EXPECT_EQ((committed[{"orders", 0}].offset), 5);
  EXPECT_EQ((committed[{"orders", 0}].metadata), "outside");
}

TEST(embedded_broker, is_told_from_a_broker_by_its_cluster_id) {
  temporary_directory place;
  auto broker = start(place.path());
  EXPECT_EQ(is_embedded_broker({broker->brokers()}, 5s).value(), true);
  auto unreachable = is_embedded_broker({"127.0.0.1:1"}, 500ms);
  ASSERT_FALSE(unreachable);
  EXPECT_THAT(unreachable.error(), HasSubstr("127.0.0.1:1 is unreachable"));
}

/// Reads partition 0 of "orders" and commits behind itself, as a node does.
class committing_reader {
public:
  explicit committing_reader(embedded_broker& broker) {
    auto options = options_for(broker.brokers(), "shop", {"orders"});
    options.journal_commit = [&](const topic_partition& where,
                                 std::int64_t offset,
                                 const std::string& metadata) {
      return broker.journal_commit("shop", where, offset, metadata);
    };
    listener_ = std::make_shared<recorder>();
    member_ = join_group(options, listener_).value();
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
  }
  ~committing_reader() {
    thread_.request_stop();
    thread_.join();
    member_->close(1s);
  }
  [[nodiscard]] std::int64_t next() const { return next_; }
  [[nodiscard]] std::size_t gaps() const { return gaps_; }

private:
  void run(const std::stop_token& stop) {
    topic_partition where{"orders", 0};
    while (!stop.stop_requested() && !listener_->source(where))
      std::this_thread::sleep_for(5ms);
    if (stop.stop_requested())
      return;
    auto* source = listener_->source(where);
    next_ = listener_->position(where).offset.value_or(0);
    source->start(next_);
    std::int64_t committed = next_;
    while (!stop.stop_requested()) {
      auto batch = source->take(1000, 1U << 20U);
      if (batch)
        for (const auto& item : batch->records()) {
          if (item.offset != next_)
            ++gaps_;
          next_ = item.offset + 1;
        }
      else
        std::this_thread::sleep_for(1ms);
      if (next_ - committed >= 300 || (!batch && next_ > committed)) {
        EXPECT_EQ(commit(*source, next_, "").status, commit_status::recorded);
        committed = next_;
      }
    }
  }

  std::shared_ptr<recorder> listener_;
  std::unique_ptr<group_member> member_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<std::size_t> gaps_ = 0;
  std::jthread thread_;
};

record_feed feed_of(int count, std::size_t size) {
  return [count, size, i = 0]() mutable
         -> tl::expected<std::optional<owned_record>, std::string> {
    if (i == count)
      return std::optional<owned_record>{};
    ++i;
    return std::optional{
        make_record("orders", 0, std::to_string(i), std::string(size, 'x'))};
  };
}

TEST(embedded_broker, playing_20_megabytes_to_a_reader_loses_nothing) {
  temporary_directory place;
  constexpr int count = 20'000;
  {
    auto broker = start(place.path());
    committing_reader reader{*broker};
    auto positions = group_positions::make({broker->brokers()}, "shop").value();
    auto sink = make_producer({.brokers = broker->brokers()}).value();
    play_options options{.topics = {{"orders", 2}},
                         .unread = unread_limit{},
                         .readers = positions.get()};
    auto sent = play(feed_of(count, 1000), options, *sink, [](const auto&) {});
    ASSERT_TRUE(sent) << sent.error();
    EXPECT_EQ(*sent, 20'000U);
    EXPECT_TRUE(eventually([&] { return reader.next() == count; }));
    EXPECT_EQ(reader.gaps(), 0U);
    ASSERT_TRUE(broker->wait_journaled(10s));
  }
  // The second start has everything, and the position behind it.
  auto broker = start(place.path());
  EXPECT_TRUE(broker->is_played_back());
  auto positions = group_positions::make({broker->brokers()}, "shop").value();
  EXPECT_EQ(positions->bounds({"orders", 0})->end, count);
  EXPECT_EQ(
      (positions->committed({{"orders", 0}}).value()[{"orders", 0}].offset),
      count);
}

TEST(embedded_broker, what_no_group_reads_is_played_back_at_once) {
  temporary_directory place;
  constexpr int count = 12'000;
  {
    auto log = journal::open(place.path()).value();
    ASSERT_TRUE(log->add_topic("shop.control", 1));
    for (int i = 0; i < count; ++i) {
      auto item = make_record("shop.control", 0, "k", std::string(1000, 'x'));
      item.offset = i;
      ASSERT_TRUE(log->append(item));
    }
  }
  auto options = broker_options(place.path());
  options.unread_topics = {{"shop.control", 1}};
  auto broker = embedded_broker::start(options).value();
  EXPECT_TRUE(broker->is_played_back());
  auto positions = group_positions::make({broker->brokers()}, "shop").value();
  EXPECT_EQ(positions->bounds({"shop.control", 0})->end, count);
}

TEST(embedded_broker, unread_records_beyond_its_memory_follow_the_reader) {
  temporary_directory place;
  constexpr int count = 12'000;
  {
    auto log = journal::open(place.path()).value();
    ASSERT_TRUE(log->add_topic("orders", 1));
    for (int i = 0; i < count; ++i) {
      auto item = make_record("orders", 0, "k", std::string(1000, 'x'));
      item.offset = i;
      ASSERT_TRUE(log->append(item));
    }
  }
  auto broker = start(place.path());
  ASSERT_NE(broker, nullptr);
  EXPECT_FALSE(broker->is_played_back());
  auto positions = group_positions::make({broker->brokers()}, "shop").value();
  EXPECT_LT(positions->bounds({"orders", 0})->end, 5000);
  EXPECT_EQ(positions->bounds({"orders", 0})->start, 0);
  committing_reader reader{*broker};
  EXPECT_TRUE(eventually([&] { return reader.next() == count; }));
  EXPECT_EQ(reader.gaps(), 0U);
  EXPECT_TRUE(broker->wait_played_back(10s));
}

} // namespace

} // namespace sluice::kafka
