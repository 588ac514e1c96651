#include "silver/byte_buffer.hpp"

#include <cstdlib>
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
    std::free(bytes);
}

void byte_buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_)
    return;
  capacity = std::max(capacity, capacity_min);
  if (capacity < mapped_min) {
    auto* grown = static_cast<std::byte*>(std::realloc(bytes_.get(), capacity));
    if (grown == nullptr)
      throw std::bad_alloc{};
    static_cast<void>(bytes_.release());
    bytes_.reset(grown);
    capacity_ = capacity;
    return;
  }
  capacity = (capacity + page - 1) / page * page;
  const auto former = bytes_.get_deleter().mapped;
  void* pages = former > 0
                    ? mremap(bytes_.get(), former, capacity, MREMAP_MAYMOVE)
                    : mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    throw std::bad_alloc{};
  auto* grown = static_cast<std::byte*>(pages);
  if (former > 0)
    static_cast<void>(bytes_.release());
  else if (size_ != 0)
    std::memcpy(grown, bytes_.get(), size_);
  bytes_ = {grown, freeing{capacity}};
  capacity_ = capacity;
}

} // namespace sluice::silver
