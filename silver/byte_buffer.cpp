#include "silver/byte_buffer.hpp"

#include <new>

#include <sys/mman.h>

namespace sluice::silver {

namespace {

// Below this the bookkeeping of malloc costs more than the bytes.
constexpr std::size_t capacity_min = 64;
// From here on a buffer has pages of its own.
constexpr std::size_t mapped_min = std::size_t{256} << 10U;
constexpr std::size_t page = 4096;

} // namespace

void byte_buffer::freeing::operator()(std::byte* bytes) const {
  if (mapped > 0)
    munmap(bytes, mapped);
  else
    std::default_delete<std::byte[]>{}(bytes);
}

byte_buffer::storage byte_buffer::allocate(std::size_t capacity) {
  if (capacity < mapped_min)
    return {std::make_unique_for_overwrite<std::byte[]>(capacity).release(),
            freeing{0}};
  auto* pages = mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    throw std::bad_alloc{};
  return {static_cast<std::byte*>(pages), freeing{capacity}};
}

void byte_buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_)
    return;
  capacity = std::max(capacity, capacity_min);
  if (capacity >= mapped_min)
    capacity = (capacity + page - 1) / page * page;
  // A buffer that was moved from has nothing, whatever its deleter says.
  if (bytes_ && bytes_.get_deleter().mapped > 0) {
    auto* grown = mremap(bytes_.get(), bytes_.get_deleter().mapped, capacity,
                         MREMAP_MAYMOVE);
    if (grown == MAP_FAILED)
      throw std::bad_alloc{};
    static_cast<void>(bytes_.release());
    bytes_ = {static_cast<std::byte*>(grown), freeing{capacity}};
  } else {
    auto grown = allocate(capacity);
    if (size_ != 0)
      std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
  }
  capacity_ = capacity;
}

} // namespace sluice::silver
