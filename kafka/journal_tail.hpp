// Follows every partition of the embedded broker and journals what arrives.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/journal.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

/// A consumer of its own thread. Whoever produced a record, it is journaled
/// within milliseconds, and made durable once a second at the latest.
class journal_tail {
public:
  /// `trouble` is told of losses and write errors, one line each, from the
  /// tail's thread.
  [[nodiscard]] static tl::expected<std::unique_ptr<journal_tail>, std::string>
  start(journal& to, const std::string& brokers,
        std::function<void(std::string)> trouble);
  ~journal_tail();
  journal_tail(const journal_tail&) = delete;
  journal_tail& operator=(const journal_tail&) = delete;

  /// Follows these partitions from the journal's end on.
  void follow(const std::vector<topic_partition>& partitions);
  /// Whether the partition is being followed.
  [[nodiscard]] bool follows(const topic_partition& where) const;
  /// Waits until everything below `offset` is in the journal; false when
  /// `until` has passed.
  [[nodiscard]] bool wait_for(const topic_partition& where, std::int64_t offset,
                              std::chrono::steady_clock::time_point until);
  /// Adds topics that clients have made by asking for them, and follows them.
  void discover();
  void stop();

  explicit journal_tail(journal& to) : to_{to} {}

private:
  void run();
  void keep(const rd_kafka_message_t& message);
  void skip_lost(const topic_partition& where);

  journal& to_;
  std::function<void(std::string)> trouble_;
  std::shared_ptr<client> from_;
  queue_ptr records_;
  mutable std::mutex mutex_;
  std::condition_variable kept_;
  std::set<topic_partition> followed_;
  std::set<topic_partition> failed_; // write errors, told once
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

} // namespace sluice::kafka
