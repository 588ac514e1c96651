// What the partitions of a node may hold together.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace sluice::actors {

/// Five eighths of a node's memory are for payloads and blocks; an eighth is
/// librdkafka's queues, the rest is for what neither can count: request bodies,
/// dead letters, the program.
///
/// Of the part for payloads and blocks one half is reserved, evenly, for the
/// partitions that the node has now, so that a table that is not written does
/// not take the others' memory; the other half is lent to whoever is beyond its
/// reserve, so that few busy partitions make large cuts. Thread-safe.
class memory_budget {
public:
  explicit memory_budget(std::size_t bytes) : bytes_{bytes} {}

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// For everything that librdkafka fetches ahead. More does not make it
  /// faster (measured), and what lies there has left the cache.
  [[nodiscard]] std::size_t queue_bytes() const { return bytes_ / 8; }
  /// Bytes that all partitions hold now.
  [[nodiscard]] std::size_t in_use() const { return in_use_; }

private:
  friend class memory_share;

  [[nodiscard]] std::size_t to_lend() const { return bytes_ / 16 * 5; }
  [[nodiscard]] std::size_t reserve() const {
    // As much as is lent.
    return to_lend() / std::max<std::size_t>(partitions_, 1);
  }

  std::size_t bytes_;
  std::atomic<std::size_t> partitions_ = 0;
  std::atomic<std::size_t> in_use_ = 0;
  std::atomic<std::size_t> lent_ = 0;
};

/// One partition's part of the budget, from its assignment to its end. Used by
/// one thread at a time.
class memory_share {
public:
  explicit memory_share(std::shared_ptr<memory_budget> of)
      : of_{std::move(of)} {
    ++of_->partitions_;
  }
  ~memory_share() {
    hold(0);
    --of_->partitions_;
  }
  memory_share(const memory_share&) = delete;
  memory_share& operator=(const memory_share&) = delete;

  /// So many bytes are held from now on.
  void hold(std::size_t bytes) {
    const auto reserve = of_->reserve();
    const auto borrowed = bytes - std::min(bytes, reserve);
    of_->in_use_ += bytes - std::exchange(held_, bytes);
    of_->lent_ += borrowed - std::exchange(borrowed_, borrowed);
  }
  /// What it may hold now: its reserve, and what nobody else has borrowed.
  [[nodiscard]] std::size_t limit() const {
    const std::size_t others = of_->lent_ - borrowed_;
    return of_->reserve() + of_->to_lend() - std::min(others, of_->to_lend());
  }

private:
  std::shared_ptr<memory_budget> of_;
  std::size_t held_ = 0;
  std::size_t borrowed_ = 0;
};

} // namespace sluice::actors
