// What the partitions of a node may hold together.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace sluice::actors {

/// What the whole node may hold, divided evenly among the partitions
/// that it has now. Thread-safe. Half of the budget is for payloads and blocks;
/// a quarter is librdkafka's queues (queue_bytes()), the rest is for what
/// neither can count: request bodies, dead letters, the program.
class memory_budget {
public:
  explicit memory_budget(std::size_t bytes) : bytes_{bytes} {}

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// For everything that librdkafka fetches ahead.
  [[nodiscard]] std::size_t queue_bytes() const { return bytes_ / 4; }
  /// What one partition may hold.
  [[nodiscard]] std::size_t share() const {
    return bytes_ / 2 / std::max<std::size_t>(partitions_, 1);
  }
  void join() { ++partitions_; }
  void leave() { --partitions_; }

  /// Bytes held now; `from` and `to` are the caller's former and new
  /// share of them.
  void hold(std::size_t from, std::size_t to) {
    in_use_ += to;
    in_use_ -= from;
  }
  [[nodiscard]] std::size_t in_use() const { return in_use_; }

private:
  std::size_t bytes_;
  std::atomic<std::size_t> partitions_ = 0;
  std::atomic<std::size_t> in_use_ = 0;
};

} // namespace sluice::actors
