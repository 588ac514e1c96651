// One partition's fetch queue and where its owner stands in it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "kafka/fetch_bell.hpp"
#include "kafka/fetch_limits.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// Shared by the partition's owner (take) and the group member (open, close).
/// Each handing-out of a partition has a reader of its own: what an owner of
/// the time before still wants is known by its reader, and refused.
///
/// librdkafka pauses every partition on each rebalance and, when it resumes
/// one that was never read from, goes on behind what it had fetched and
/// dropped. So the member closes the reader before it resumes anything, seeks
/// to position() and opens it again: records come from a known position or
/// not at all.
class partition_reader {
public:
  /// `bell` is the partition's, and this reader's from here on.
  partition_reader(std::shared_ptr<client> from, topic_partition where,
                   fetch_limits limits, bool with_headers,
                   std::shared_ptr<fetch_bell> bell);
  ~partition_reader();
  partition_reader(const partition_reader&) = delete;
  partition_reader& operator=(const partition_reader&) = delete;

  [[nodiscard]] const topic_partition& where() const { return where_; }

  /// As partition_source::take; nullptr while closed. Never waits.
  [[nodiscard]] record_batch_ptr take(std::size_t records_max,
                                      std::size_t bytes_max);
  [[nodiscard]] std::int64_t position() const { return position_; }
  void on_available(std::function<void()> notify);
  /// From librdkafka's thread: the queue is no longer empty.
  void notify();
  [[nodiscard]] std::optional<source_failure> failure() const;
  [[nodiscard]] std::optional<log_bounds> bounds() const;

  /// From here on take() delivers nothing. Waits for a take() under way.
  void close();
  /// Sets where the next record comes from; the reader must be closed.
  /// Forgets a failure.
  void move_to(std::int64_t position);
  /// The fetcher stands at position(): deliver, and tell the owner.
  void open();
  [[nodiscard]] bool is_open() const { return open_; }

  /// New bounds from the broker.
  void set_bounds(log_bounds bounds);
  void set_end(std::int64_t end);
  /// The broker has refused the position; where the log begins and ends is to
  /// be asked before the owner is told.
  [[nodiscard]] bool wants_verdict() const;
  /// The answer: bounds, or std::nullopt when the topic is gone. Does nothing
  /// unless wanted.
  void judge(std::optional<log_bounds> bounds);
  /// Whether the broker has more than the queue holds though the owner has
  /// been reading: the fetcher may be asleep (librdkafka before 2.2 sleeps
  /// for a second whenever the queue was full) and wants a nudge.
  [[nodiscard]] bool wants_nudge() const;
  void nudged();
  /// It did not reach the broker: wants another one.
  void nudge_failed();

private:
  [[nodiscard]] std::vector<message_ptr> gather(std::size_t records_max,
                                                std::size_t bytes_max);
  void refill(std::size_t records_max, std::size_t bytes_max);
  void on_error(const rd_kafka_message_t& message);
  void fail(source_failure failure);
  void follow_gaps();

  std::shared_ptr<client> from_;
  topic_partition where_;
  fetch_limits limits_;
  bool with_headers_;
  queue_ptr queue_;
  std::shared_ptr<fetch_bell> bell_;

  std::mutex reading_; // held while records leave the queue
  std::deque<message_ptr> stash_;
  std::size_t record_bytes_ = 1; // mean of the last refill
  std::atomic<bool> open_ = false;
  // Nothing is taken out of the queue any more: what follows an error would
  // be a gap.
  std::atomic<bool> failing_ = false;
  std::atomic<std::int64_t> position_ = -1;
  std::atomic<std::size_t> bytes_since_nudge_ = 0;
  std::atomic<std::size_t> records_since_nudge_ = 0;
  std::atomic<std::int64_t> log_start_ = -1;
  std::atomic<std::int64_t> log_end_ = -1;
  // What fetches had said when the bounds were asked.
  std::atomic<std::int64_t> fetched_start_ = -1;
  std::atomic<std::int64_t> fetched_end_ = -1;

  mutable std::mutex telling_; // guards what follows
  std::function<void()> notify_;
  std::optional<source_failure> failure_;
  std::optional<std::int64_t> refused_; // offset, until judged
  std::atomic<bool> armed_ = false;
};

} // namespace sluice::kafka
