// Reads topics from their first record on, and goes on reading.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/record.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

struct follower_callbacks {
  /// Each record once, in the order of its partition.
  std::function<void(const owned_record&)> record = {};
  /// What keeps records from being read (a partition whose head is gone, a
  /// broker that refuses), one line each.
  std::function<void(std::string)> trouble = {};
};

/// A consumer without a group, of its own thread, which calls the callbacks.
/// It waits out brokers that are away. Destruction ends the thread.
class topic_follower {
public:
  /// The topics must exist. Fails for refused settings only.
  [[nodiscard]] static tl::expected<std::unique_ptr<topic_follower>,
                                    std::string>
  start(const broker_address& at, const std::vector<topic_plan>& topics,
        follower_callbacks to);

  virtual ~topic_follower() = default;
  topic_follower() = default;
  topic_follower(const topic_follower&) = delete;
  topic_follower& operator=(const topic_follower&) = delete;

  /// The offset behind the last record given out, for each partition that has
  /// given any. Thread-safe.
  [[nodiscard]] virtual std::map<topic_partition, std::int64_t>
  positions() const = 0;
};

} // namespace sluice::kafka
