#include "silver/byte_buffer.hpp"

namespace sluice::silver {

namespace {

// Below this the bookkeeping of malloc costs more than the bytes.
constexpr std::size_t capacity_min = 64;

} // namespace

void byte_buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_)
    return;
  capacity = std::max(capacity, capacity_min);
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (size_ != 0)
    std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

} // namespace sluice::silver
