// The cluster's shared memory: a topic of one partition, totally ordered, that
// every node appends to and reads all of.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/topics.hpp"

namespace sluice::kafka {

struct control_record {
  std::int64_t offset = 0;
  /// Milliseconds since 1970-01-01 UTC, by the clock of whoever appended it.
  std::int64_t timestamp_ms = -1;
  /// As appended. Anyone with the right to write may have put anything here.
  std::string bytes = {};

  /// The same in whole seconds.
  [[nodiscard]] std::chrono::sys_seconds appended_at() const {
    return std::chrono::sys_seconds{std::chrono::floor<std::chrono::seconds>(
        std::chrono::milliseconds{timestamp_ms})};
  }
};

struct control_batch {
  /// In offset order.
  std::vector<control_record> records = {};
  /// Where to read on.
  std::int64_t next = 0;
  /// The log's first offset when read() was called: what lies below was
  /// trimmed. Above the `from` that was asked for, records are missing.
  std::int64_t start = 0;
  /// The log's end when read() was called.
  std::int64_t end = 0;

  /// Everything that was acknowledged before the call has been read.
  [[nodiscard]] bool at_end() const { return next >= end; }
};

enum class trim_outcome : std::uint8_t {
  trimmed,
  /// The broker has no such request (an embedded one, Kafka before 0.11): the
  /// log stays as it is.
  unsupported,
};

/// The port; tests have a fake (tests/support/fake_control_log.hpp). It knows
/// bytes and offsets only.
class control_log {
public:
  virtual ~control_log() = default;
  control_log() = default;
  control_log(const control_log&) = delete;
  control_log& operator=(const control_log&) = delete;

  /// Appends and calls `done` from another thread: with an empty string once
  /// all in-sync replicas have the record, with the reason when it finally
  /// failed (it may be in the log all the same). Records of one caller keep
  /// the order of its calls. Thread-safe.
  virtual void append(std::string bytes,
                      std::function<void(std::string error)> done) = 0;

  /// Records from offset `from` on, about 1 MiB at once; `from` below the
  /// log's start (0, say) reads from its beginning. Where there is nothing yet
  /// it waits up to `patience` for the next one, and returns no record when
  /// none came. Blocks: for a detached actor or a thread, one call at a time.
  /// An error, in one line, leaves `from` as it was: repeat.
  [[nodiscard]] virtual tl::expected<control_batch, std::string>
  read(std::int64_t from, std::chrono::milliseconds patience) = 0;

  /// Deletes all records below offset `before` for everyone, for ever (Kafka's
  /// DeleteRecords); nothing happens when they are gone already. It takes the
  /// right to delete on the topic. Blocks up to the deadline, on the thread
  /// that reads. After an error, in one line, they may be deleted all the same.
  [[nodiscard]] virtual tl::expected<trim_outcome, std::string>
  trim(std::int64_t before) = 0;
};

/// `<group>.control`.
[[nodiscard]] std::string control_topic(const std::string& group);

struct control_log_options {
  broker_address at = {};
  std::string topic = {};
  /// Creates the topic when it is missing: one partition, cleanup.policy
  /// delete, retention.ms and retention.bytes -1, the cluster's replication and
  /// min.insync.replicas. Off for an embedded broker, which does not answer
  /// that request (embedded_broker_options::topics has the topic), and for
  /// whoever only visits.
  bool create = true;
  /// Called with every record that the broker has acknowledged, before that is
  /// told, from the thread that tells: makes it durable, or says in one line
  /// why not. Empty: an acknowledged record is durable. For an embedded broker.
  std::function<std::string()> make_durable = {};
  /// For the brokers' answers at the start, and to trim().
  std::chrono::milliseconds deadline{10'000};
  /// How long a broker may wait for records before it answers a fetch.
  std::chrono::milliseconds fetch_wait{100};
};

/// Checks that the topic is there, has one partition and, for whoever may
/// create it, keeps its records for ever, and opens it. Blocks up to the
/// deadline. The error is one line that says what to do.
[[nodiscard]] tl::expected<std::unique_ptr<control_log>, std::string>
open_control_log(const control_log_options& options);

} // namespace sluice::kafka
