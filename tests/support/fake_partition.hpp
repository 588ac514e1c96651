// A partition in memory whose broker answers when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/source.hpp"

namespace sluice::kafka {

/// What the test and the source share.
struct fake_partition {
  explicit fake_partition(topic_partition tp) : where{std::move(tp)} {}

  struct pending_commit {
    std::int64_t offset;
    std::string metadata;
    std::function<void(commit_outcome)> done;
  };

  topic_partition where;
  std::vector<owned_record> log;
  std::int64_t position = -1;
  bool started = false;
  bool source_alive = false;
  std::size_t records_taken = 0;
  /// Records that the broker has and the source has not fetched.
  std::int64_t waiting = 0;
  std::function<void()> notify;
  std::deque<pending_commit> commits;
  /// What Kafka holds.
  committed_position stored;

  void produce(std::optional<std::string> key,
               std::optional<std::string> value) {
    owned_record record;
    record.where = where;
    record.offset = log.empty() ? 0 : log.back().offset + 1;
    record.timestamp_ms = 1'000;
    record.key = std::move(key);
    record.value = std::move(value);
    log.push_back(std::move(record));
    if (notify)
      notify();
  }
  /// Answers the oldest commit; `recorded` stores it.
  void answer_commit(commit_status status = commit_status::recorded,
                     const std::string& reason = {}) {
    auto commit = std::move(commits.front());
    commits.pop_front();
    if (status == commit_status::recorded)
      stored = {commit.offset, commit.metadata};
    commit.done({status, reason});
  }
  void start(std::optional<std::int64_t> offset) {
    started = true;
    position = offset.value_or(log.empty() ? 0 : log.front().offset);
  }
  [[nodiscard]] std::unique_ptr<partition_source> open();
  [[nodiscard]] log_bounds bounds() const {
    return {log.empty() ? 0 : log.front().offset,
            log.empty() ? 0 : log.back().offset + 1 + waiting};
  }
  /// Why nothing comes any more.
  std::optional<source_failure> failure;
};

class fake_source : public partition_source {
public:
  explicit fake_source(fake_partition& of) : of_{of} {
    of_.source_alive = true;
  }
  ~fake_source() override {
    of_.source_alive = false;
    of_.notify = nullptr;
  }
  const topic_partition& where() const override { return of_.where; }
  void start(std::optional<std::int64_t> offset) override { of_.start(offset); }
  record_batch_ptr take(std::size_t records_max,
                        std::size_t bytes_max) override {
    std::vector<owned_record> taken;
    std::size_t bytes = 0;
    for (const auto& record : of_.log) {
      if (!of_.started || record.offset < of_.position)
        continue;
      if (taken.size() == records_max || (!taken.empty() && bytes >= bytes_max))
        break;
      bytes += record.value.value_or("").size();
      taken.push_back(record);
    }
    if (taken.empty())
      return nullptr;
    of_.position = taken.back().offset + 1;
    of_.records_taken += taken.size();
    return make_record_batch(std::move(taken));
  }
  std::int64_t position() const override { return of_.position; }
  void on_available(std::function<void()> notify) override {
    of_.notify = std::move(notify);
  }
  void commit(std::int64_t offset, std::string metadata,
              std::function<void(commit_outcome)> done) override {
    of_.commits.push_back({offset, std::move(metadata), std::move(done)});
  }
  std::optional<log_bounds> bounds() const override { return of_.bounds(); }

  std::optional<source_failure> failure() const override { return of_.failure; }

private:
  fake_partition& of_;
};

inline std::unique_ptr<partition_source> fake_partition::open() {
  return std::make_unique<fake_source>(*this);
}

} // namespace sluice::kafka
