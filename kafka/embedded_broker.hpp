// A Kafka broker inside this process, for machines without one: librdkafka's
// mock cluster, with a journal. docs/embedded-kafka.md says what it promises.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/playback.hpp"
#include "kafka/record.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

struct embedded_broker_options {
  /// The journal; created when missing. One process at a time.
  std::filesystem::path directory = {};
  /// Topics to create. One that the journal knows keeps its partition count.
  std::vector<topic_plan> topics = {};
  /// The same of topics that no group reads up to an offset (dead letters, the
  /// control log): their playback waits for nobody.
  std::vector<topic_plan> unread_topics = {};
  /// The group that reads `topics`: their unread records are never dropped
  /// during the playback, and its commits by members in other processes are
  /// journaled (within 200 ms). Empty: nobody reads.
  std::string group = {};
  /// More groups whose commits are journaled.
  std::vector<std::string> other_groups = {};
  unread_limit unread = {};
  /// Told of losses and write errors, one line each, from another thread.
  std::function<void(std::string)> trouble = {};
};

/// Reachable by any Kafka client on the loopback, without a password. All
/// functions are thread-safe.
class embedded_broker {
public:
  /// Creates the topics, plays the journal back and restores the commits.
  /// Returns when every record is back, or as many unread ones as the broker
  /// can hold; the rest follows as the group commits (is_played_back()).
  [[nodiscard]] static tl::expected<std::unique_ptr<embedded_broker>,
                                    std::string>
  start(embedded_broker_options options);

  virtual ~embedded_broker() = default;
  embedded_broker() = default;
  embedded_broker(const embedded_broker&) = delete;
  embedded_broker& operator=(const embedded_broker&) = delete;

  /// "127.0.0.1:PORT"; the port is a free one, new at each start.
  [[nodiscard]] virtual std::string brokers() const = 0;
  /// What the journal had to say at the start (torn tails, losses, partition
  /// counts that were kept), one line each.
  [[nodiscard]] virtual const std::vector<std::string>& notices() const = 0;

  /// Whether the whole journal is back. Until then nobody but this node's
  /// group may write to the topics: publish brokers() to others only then.
  [[nodiscard]] virtual bool is_played_back() const = 0;
  [[nodiscard]] virtual bool
  wait_played_back(std::chrono::milliseconds deadline) = 0;

  /// Creates a topic that does not exist yet; durable when it returns.
  [[nodiscard]] virtual tl::expected<void, std::string>
  create_topic(const topic_plan& plan) = 0;

  /// Journals a commit and, before it, everything that the partition held when
  /// it was called: a commit is never ahead of the records it speaks of.
  /// Durable when it returns. For group_options::journal_commit. Blocks some
  /// milliseconds.
  [[nodiscard]] virtual tl::expected<void, std::string>
  journal_commit(const std::string& group, const topic_partition& where,
                 std::int64_t offset, const std::string& metadata) = 0;

  /// Waits until everything produced so far is in the journal, and makes it
  /// durable.
  [[nodiscard]] virtual tl::expected<void, std::string>
  wait_journaled(std::chrono::milliseconds deadline) = 0;

  /// The same of one partition.
  [[nodiscard]] virtual tl::expected<void, std::string>
  wait_journaled(const topic_partition& where,
                 std::chrono::milliseconds deadline) = 0;
};

} // namespace sluice::kafka
