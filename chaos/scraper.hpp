// Reads what nodes and ClickHouse count, once a second, while they live.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "chaos/cluster.hpp"
#include "chaos/metric_sums.hpp"

namespace sluice::chaos {

/// Name under which the inserts that ClickHouse dropped for their token are
/// summed.
inline constexpr const char* dropped_tokens = "DuplicatedInsertedBlocks";

/// A thread of its own.
class scraper {
public:
  /// `of` must outlive it. `each_time` is called before each round of
  /// questions.
  scraper(const cluster& of, std::function<void()> each_time);
  ~scraper();
  scraper(const scraper&) = delete;
  scraper& operator=(const scraper&) = delete;

  /// A copy of what was read so far. Thread-safe.
  [[nodiscard]] metric_sums sums() const;

private:
  void run();
  void ask_nodes();
  void ask_clickhouse();

  const cluster& of_;
  std::function<void()> each_time_;
  mutable std::mutex mutex_;
  metric_sums sums_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

} // namespace sluice::chaos
