// The ports through which the actors read partitions: what they need of Kafka
// and nothing else. kafka/group_source.hpp is the real one; tests have a fake.
//
// Delivery: a partition's records come in offset order from the position that
// it was opened at. Nothing is committed but by commit(). After a crash the
// records from the committed offset on come again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// What the group's coordinator holds for a partition.
struct committed_position {
  /// First record not yet processed; std::nullopt: nothing was ever committed.
  std::optional<std::int64_t> offset;
  /// The string stored with the offset (at most 4,096 bytes by default).
  std::string metadata;
};

enum class commit_status {
  /// The broker answered without an error: the position is recorded.
  recorded,
  /// No longer ours to commit (revoked, fenced, unknown member): give it up.
  not_owner,
  /// Rebalance in progress, timeout, broker down: repeat while still owner.
  retry,
  /// Metadata too large or not authorised: no repeat will help.
  refused,
};

struct commit_outcome {
  commit_status status = commit_status::retry;
  /// librdkafka's words; empty when recorded.
  std::string reason;
};

/// Where the log of a partition begins and ends, as the broker last said.
struct log_bounds {
  /// Offset of the oldest record kept.
  std::int64_t start = 0;
  /// Offset that the next record will get.
  std::int64_t end = 0;
};

/// Why a partition stands still though its broker answers.
struct source_failure {
  enum class kind {
    /// The log begins behind the position: retention, or deleted by hand.
    records_lost,
    /// The log ended before the position: the topic was deleted and created
    /// again, or truncated. It may have grown past the position since.
    beyond_end,
    /// The broker no longer has the topic or the partition.
    topic_gone,
    /// A damaged record, a record too large to receive, no right to read.
    other,
  };
  kind what = kind::other;
  /// The log as the broker described it after the failure; -1: unknown.
  std::int64_t log_start = -1;
  std::int64_t log_end = -1;
  /// One line; does not name the partition, which its reader does.
  std::string text = {};
};

/// One assigned partition. Called by its owner (one actor) only, one call at a
/// time; destroyed before the assignment is given up. No call blocks.
class partition_source {
public:
  virtual ~partition_source() = default;
  partition_source() = default;
  partition_source(const partition_source&) = delete;
  partition_source& operator=(const partition_source&) = delete;

  [[nodiscard]] virtual const topic_partition& where() const = 0;

  /// Begins to deliver, from `offset` on (std::nullopt: from the earliest
  /// record); takes effect later, on the member's thread. Nothing happens when
  /// the partition was taken away or handed out again since.
  virtual void start(std::optional<std::int64_t> offset) = 0;

  /// Takes what librdkafka has already fetched, up to `bytes_max` payload bytes
  /// (but at least one record) and `records_max` records, without waiting;
  /// nullptr when there is nothing.
  [[nodiscard]] virtual record_batch_ptr take(std::size_t records_max,
                                              std::size_t bytes_max) = 0;

  /// The next offset that take() would deliver; it may pass the last record's
  /// offset + 1 where the log has gaps (transaction markers, compaction). -1
  /// until start() has taken effect.
  [[nodiscard]] virtual std::int64_t position() const = 0;

  /// Calls `notify` from another thread once each time records (or a failure)
  /// arrive after take() returned nullptr; it may also call it for nothing.
  /// `notify` must only send a message.
  virtual void on_available(std::function<void()> notify) = 0;

  /// Commits `offset` with `metadata` and calls `done` from another thread.
  /// The caller has at most one commit in flight. `not_owner` when the
  /// partition was taken away or handed out again since.
  virtual void commit(std::int64_t offset, std::string metadata,
                      std::function<void(commit_outcome)> done) = 0;

  /// The last known bounds, without asking the broker; std::nullopt before
  /// the first answer.
  [[nodiscard]] virtual std::optional<log_bounds> bounds() const = 0;

  /// Why the partition stands still when no waiting will help. Nothing behind
  /// the failure is delivered until start() is called again, at another
  /// offset or the same. Told only after the broker was asked for the log's
  /// bounds, so that `what` is a fact.
  [[nodiscard]] virtual std::optional<source_failure> failure() const {
    return std::nullopt;
  }
};

/// A partition that this member now owns: where it stands and how to read it.
struct assigned_partition {
  std::unique_ptr<partition_source> source;
  committed_position committed;
  /// Partitions that the topic had when `committed` was read; 0: not known (a
  /// fake).
  std::int32_t partition_count = 0;
  /// The log when `committed` was read.
  std::optional<log_bounds> bounds = {};
};

/// What a group member tells its owner; called from the member's own thread,
/// and must only send messages.
class group_listener {
public:
  virtual ~group_listener() = default;
  /// A source delivers nothing before it is started.
  virtual void assigned(std::vector<assigned_partition> partitions) = 0;
  /// The partitions are to be given up: the member waits (up to its revocation
  /// deadline) until release() was called for each of them.
  virtual void revoked(std::vector<topic_partition> partitions) = 0;
  /// The partitions are already someone else's: drop them, commit nothing.
  virtual void lost(std::vector<topic_partition> partitions) = 0;
  /// `topic`, of which partitions are assigned, has more partitions than
  /// assigned() said: `count` now. The group hands the new ones out by itself.
  virtual void partitions_added(std::string /*topic*/, std::int32_t /*count*/) {
  }
  /// Something is wrong outside (broker unreachable, topic missing,
  /// authentication failed), in one clear line; empty `reason`: healthy again.
  virtual void trouble(std::string reason) = 0;
};

/// This process's membership in the consumer group.
class group_member {
public:
  virtual ~group_member() = default;
  group_member() = default;
  group_member(const group_member&) = delete;
  group_member& operator=(const group_member&) = delete;

  /// The owner of an assigned partition has failed and its source is destroyed:
  /// hands the partition out again through listener.assigned, with its
  /// committed position read anew. Nothing happens when the partition is no
  /// longer assigned. Thread-safe.
  virtual void reopen(const topic_partition& where) = 0;
  /// The owner has let go of a revoked partition: its source is destroyed and
  /// its last commit answered. Thread-safe.
  virtual void release(const topic_partition& where) = 0;
  /// Leaves the group: revokes everything through the listener, waits for the
  /// releases up to `deadline`, closes the connection. Blocks. Idempotent.
  virtual void close(std::chrono::milliseconds deadline) = 0;
};

} // namespace sluice::kafka
