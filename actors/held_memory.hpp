// What one partition holds in memory: payloads until every table has decoded
// them, then the blocks made of them until their cut is finished. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace sluice::actors {

/// Cuts are named by their first offset. Owned by the partition's consumer.
class held_memory {
public:
  /// A batch of `payload` bytes of the cut at `lo` went to `tables` (at least
  /// one) transformers; returns its number.
  std::uint64_t fed(std::int64_t lo, std::size_t payload, std::size_t tables);
  /// One of them has decoded it, which made `bytes` of its block. The payload
  /// is let go when all have.
  void decoded(std::uint64_t batch, std::size_t bytes);
  /// Drops the blocks of cuts for which `is_over(lo)`.
  template <class Predicate>
  void release(Predicate is_over) {
    std::erase_if(blocks_, [&](const auto& cut) { return is_over(cut.first); });
  }

  /// Payload bytes that wait to be decoded.
  [[nodiscard]] std::size_t undecoded() const { return undecoded_; }
  /// All bytes that are held.
  [[nodiscard]] std::size_t total() const;
  /// Those of the blocks of one cut, as far as it is decoded.
  [[nodiscard]] std::size_t blocks(std::int64_t lo) const;

private:
  struct batch {
    std::int64_t lo;
    std::size_t payload;
    std::size_t waiting; // transformers that have not decoded it
  };
  std::deque<batch> batches_;
  std::uint64_t first_batch_ = 0; // number of batches_.front()
  std::size_t undecoded_ = 0;
  std::map<std::int64_t, std::size_t> blocks_; // bytes by cut
};

} // namespace sluice::actors
