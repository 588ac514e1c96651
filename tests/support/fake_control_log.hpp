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
    result.end = static_cast<std::int64_t>(records_.size());
    for (result.next = std::max<std::int64_t>(from, 0);
         result.next < result.end; ++result.next)
      result.records.push_back(
          {result.next, 0, records_[static_cast<std::size_t>(result.next)]});
    return result;
  }

private:
  mutable std::mutex mutex_;
  std::string failure_;
  std::vector<std::string> records_;
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

private:
  std::shared_ptr<fake_control_topic> topic_;
};

} // namespace sluice::kafka
