// A mock cluster of librdkafka, and listeners for tests of group membership.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/group_source.hpp"
#include "kafka/producer.hpp"
#include "kafka/rdkafka.hpp"
#include <librdkafka/rdkafka_mock.h>

namespace sluice::kafka::test {

using namespace std::chrono_literals;

class mock_cluster {
public:
  mock_cluster() {
    link_ = client::make({.type = RD_KAFKA_PRODUCER, .brokers = "127.0.0.1:1"})
                .value();
    cluster_.reset(rd_kafka_mock_cluster_new(link_->get(), 1));
  }
  void create(const std::string& topic, int partitions) {
    rd_kafka_mock_topic_create(cluster_.get(), topic.c_str(), partitions, 1);
  }
  [[nodiscard]] std::string brokers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
  }
  [[nodiscard]] rd_kafka_mock_cluster_t* get() { return cluster_.get(); }

private:
  std::shared_ptr<client> link_;
  std::unique_ptr<rd_kafka_mock_cluster_t,
                  freed_by<rd_kafka_mock_cluster_destroy>>
      cluster_;
};

/// Waits until `condition` holds; false after `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = 30s) {
  auto until = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// Remembers what a member tells it.
class recorder : public group_listener {
public:
  void assigned(std::vector<assigned_partition> partitions) override {
    std::lock_guard lock{mutex};
    for (auto& item : partitions) {
      positions[item.source->where()] = item.committed;
      bounds[item.source->where()] = item.bounds;
      counts[item.source->where()] = item.partition_count;
      sources[item.source->where()] = std::move(item.source);
    }
  }
  void revoked(std::vector<topic_partition> partitions) override {
    std::lock_guard lock{mutex};
    revocations.insert(revocations.end(), partitions.begin(), partitions.end());
  }
  void lost(std::vector<topic_partition> partitions) override {
    std::lock_guard lock{mutex};
    losses.insert(losses.end(), partitions.begin(), partitions.end());
  }
  void trouble(std::string reason) override {
    std::lock_guard lock{mutex};
    troubles.push_back(std::move(reason));
  }

  [[nodiscard]] std::size_t count() {
    std::lock_guard lock{mutex};
    return sources.size();
  }
  [[nodiscard]] partition_source* source(const topic_partition& where) {
    std::lock_guard lock{mutex};
    auto at = sources.find(where);
    return at == sources.end() ? nullptr : at->second.get();
  }
  [[nodiscard]] std::size_t loss_count() {
    std::lock_guard lock{mutex};
    return losses.size();
  }
  /// The caller owns it from here on.
  [[nodiscard]] std::unique_ptr<partition_source>
  take_source(const topic_partition& where) {
    std::lock_guard lock{mutex};
    auto node = sources.extract(where);
    return node.empty() ? nullptr : std::move(node.mapped());
  }
  [[nodiscard]] committed_position position(const topic_partition& where) {
    std::lock_guard lock{mutex};
    return positions[where];
  }
  [[nodiscard]] std::optional<log_bounds>
  log_at_assignment(const topic_partition& where) {
    std::lock_guard lock{mutex};
    return bounds[where];
  }
  [[nodiscard]] std::int32_t partition_count(const topic_partition& where) {
    std::lock_guard lock{mutex};
    return counts[where];
  }
  /// Drops the sources of what was revoked and releases them.
  void release_revoked(group_member& member) {
    std::vector<topic_partition> gone;
    {
      std::lock_guard lock{mutex};
      gone.swap(revocations);
      for (const auto& where : gone)
        sources.erase(where);
    }
    for (const auto& where : gone)
      member.release(where);
  }
  [[nodiscard]] bool has_revocations() {
    std::lock_guard lock{mutex};
    return !revocations.empty();
  }
  [[nodiscard]] std::vector<std::string> told() {
    std::lock_guard lock{mutex};
    return troubles;
  }
  [[nodiscard]] std::vector<topic_partition> lost_ones() {
    std::lock_guard lock{mutex};
    return losses;
  }

private:
  std::mutex mutex;
  std::map<topic_partition, std::unique_ptr<partition_source>> sources;
  std::map<topic_partition, committed_position> positions;
  std::map<topic_partition, std::optional<log_bounds>> bounds;
  std::map<topic_partition, std::int32_t> counts;
  std::vector<topic_partition> revocations;
  std::vector<topic_partition> losses;
  std::vector<std::string> troubles;
};

inline owned_record make_record(std::string topic, std::int32_t partition,
                                std::optional<std::string> key,
                                std::optional<std::string> value,
                                std::int64_t timestamp = 1'700'000'000'000) {
  return {{std::move(topic), partition},
          -1,
          timestamp,
          std::move(key),
          std::move(value),
          {}};
}

/// Sends all and fails the test if one is refused.
inline void produce(const std::string& brokers,
                    const std::vector<owned_record>& records) {
  auto sink = make_producer({.brokers = brokers}).value();
  std::atomic<int> failed = 0;
  for (const auto& item : records)
    sink->send(item, [&](std::string error) {
      if (!error.empty())
        ++failed;
    });
  ASSERT_TRUE(sink->flush(20s));
  ASSERT_EQ(failed, 0);
}

/// Takes until `count` records have come or nothing comes for `patience`.
inline std::vector<owned_record>
take_all(partition_source& source, std::size_t count,
         std::chrono::milliseconds patience = 10s) {
  std::vector<owned_record> result;
  auto until = std::chrono::steady_clock::now() + patience;
  while (result.size() < count && std::chrono::steady_clock::now() < until) {
    auto batch = source.take(count - result.size(), 1U << 20U);
    if (!batch) {
      std::this_thread::sleep_for(1ms);
      continue;
    }
    until = std::chrono::steady_clock::now() + patience;
    for (const auto& item : batch->records()) {
      owned_record copy{
          source.where(), item.offset, item.timestamp_ms, {}, {}, {}};
      if (item.key)
        copy.key = std::string{*item.key};
      if (item.value)
        copy.value = std::string{*item.value};
      for (const auto& header : item.headers)
        copy.headers.push_back({std::string{header.name},
                                header.value
                                    ? std::optional<std::string>{*header.value}
                                    : std::nullopt});
      result.push_back(std::move(copy));
    }
  }
  return result;
}

/// Commits and waits for the outcome.
inline commit_outcome commit(partition_source& source, std::int64_t offset,
                             const std::string& metadata) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<commit_outcome> outcome;
  source.commit(offset, metadata, [&](commit_outcome result) {
    std::lock_guard lock{mutex};
    outcome = std::move(result);
    ready.notify_all();
  });
  std::unique_lock lock{mutex};
  ready.wait(lock, [&] { return outcome.has_value(); });
  return *outcome;
}

inline group_options options_for(const std::string& brokers,
                                 const std::string& group,
                                 std::vector<std::string> topics) {
  group_options options;
  options.brokers = brokers;
  options.group = group;
  options.topics = std::move(topics);
  options.fetch_wait = 10ms;
  options.properties = {{"session.timeout.ms", "6000"},
                        {"heartbeat.interval.ms", "500"}};
  return options;
}

} // namespace sluice::kafka::test
