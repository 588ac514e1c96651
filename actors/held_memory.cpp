#include "actors/held_memory.hpp"

namespace sluice::actors {

std::uint64_t held_memory::fed(std::int64_t lo, std::size_t payload,
                               std::size_t tables) {
  batches_.push_back({lo, payload, tables});
  undecoded_ += payload;
  return first_batch_ + batches_.size() - 1;
}

void held_memory::decoded(std::uint64_t number, std::size_t bytes) {
  auto& one = batches_.at(number - first_batch_);
  blocks_[one.lo] += bytes;
  if (--one.waiting > 0)
    return;
  undecoded_ -= one.payload;
  one.payload = 0;
  while (!batches_.empty() && batches_.front().waiting == 0) {
    batches_.pop_front();
    ++first_batch_;
  }
}

std::size_t held_memory::total() const {
  auto result = undecoded_;
  for (const auto& [lo, bytes] : blocks_)
    result += bytes;
  return result;
}

std::size_t held_memory::blocks(std::int64_t lo) const {
  const auto block = blocks_.find(lo);
  return block == blocks_.end() ? 0 : block->second;
}

} // namespace sluice::actors
