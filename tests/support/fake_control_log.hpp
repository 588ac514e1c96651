// A control log in memory, shared by as many nodes as a test has.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kafka/control_log.hpp"

namespace sluice::kafka {

/// What the test and the nodes share. Thread-safe.
class fake_control_topic {
public:
  /// Empty, or why appends and reads fail from here on.
  void fail(std::string reason) {
    std::lock_guard lock{mutex_};
    failure_ = std::move(reason);
  }
  /// All that were ever appended, trimmed ones too.
  [[nodiscard]] std::vector<std::string> records() const {
    std::lock_guard lock{mutex_};
    return records_;
  }
  std::string append(std::string bytes) {
    std::lock_guard lock{mutex_};
    if (failure_.empty())
      records_.push_back(std::move(bytes));
    return failure_;
  }
  tl::expected<control_batch, std::string> read(std::int64_t from) const {
    std::lock_guard lock{mutex_};
    if (!failure_.empty())
      return tl::unexpected{failure_};
    control_batch result;
    result.start = start_;
    result.end = static_cast<std::int64_t>(records_.size());
    for (result.next = std::max(from, start_); result.next < result.end;
         ++result.next)
      result.records.push_back(
          {result.next, 0, records_[static_cast<std::size_t>(result.next)]});
    return result;
  }
  /// A broker without the request to delete records.
  void never_trim() {
    std::lock_guard lock{mutex_};
    trims_ = false;
  }
  tl::expected<trim_outcome, std::string> trim(std::int64_t before) {
    std::lock_guard lock{mutex_};
    if (!failure_.empty())
      return tl::unexpected{failure_};
    if (!trims_)
      return trim_outcome::unsupported;
    if (before > static_cast<std::int64_t>(records_.size()))
      return tl::unexpected{std::string{"beyond the log's end"}};
    start_ = std::max(start_, before);
    return trim_outcome::trimmed;
  }

private:
  mutable std::mutex mutex_;
  std::string failure_;
  std::vector<std::string> records_;
  std::int64_t start_ = 0;
  bool trims_ = true;
};

/// One node's view. Never waits; `done` is called before append() returns.
class fake_control_log : public control_log {
public:
  explicit fake_control_log(std::shared_ptr<fake_control_topic> topic)
      : topic_{std::move(topic)} {}

  void append(std::string bytes,
              std::function<void(std::string error)> done) override {
    done(topic_->append(std::move(bytes)));
  }
  tl::expected<control_batch, std::string>
  read(std::int64_t from, std::chrono::milliseconds /*patience*/) override {
    return topic_->read(from);
  }
  tl::expected<trim_outcome, std::string> trim(std::int64_t before) override {
    return topic_->trim(before);
  }

private:
  std::shared_ptr<fake_control_topic> topic_;
};

} // namespace sluice::kafka
