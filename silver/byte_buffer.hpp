// Contiguous bytes that grow: what std::vector<std::byte> is, but new room is
// not zeroed first, a fixed-width append compiles to a compare and a store, and
// large buffers are pages of their own: they grow without being copied, and
// what is freed is free for the whole machine, not kept by the allocator.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace sluice::silver {

/// Movable, not copyable; a buffer that was moved from is empty.
class byte_buffer {
public:
  byte_buffer() = default;
  byte_buffer(const byte_buffer&) = delete;
  byte_buffer& operator=(const byte_buffer&) = delete;
  byte_buffer(byte_buffer&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  byte_buffer& operator=(byte_buffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  ~byte_buffer() = default;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::span<const std::byte> view() const {
    return {bytes_.get(), size_};
  }

  /// Memory for at least `count` more bytes; what is written there counts from
  /// advance() on.
  [[nodiscard]] std::byte* room(std::size_t count) {
    if (count > capacity_ - size_)
      reserve(std::max(size_ + count, capacity_ + capacity_ / 2));
    return bytes_.get() + size_;
  }
  void advance(std::size_t count) {
    assert(count <= capacity_ - size_);
    size_ += count;
  }
  /// Appends the object representation of `value`.
  template <class T>
  void append(const T& value) {
    std::memcpy(room(sizeof value), &value, sizeof value);
    size_ += sizeof value;
  }
  void append_zeros(std::size_t count) {
    std::memset(room(count), 0, count);
    size_ += count;
  }
  /// Drops everything behind the first `size` bytes.
  void shrink(std::size_t size) {
    assert(size <= size_);
    size_ = size;
  }
  /// Room for `capacity` bytes in all. Throws std::bad_alloc.
  void reserve(std::size_t capacity);

private:
  struct freeing {
    /// Of pages; 0: from new.
    std::size_t mapped;
    void operator()(std::byte* bytes) const;
  };
  using storage = std::unique_ptr<std::byte[], freeing>;

  [[nodiscard]] static storage allocate(std::size_t capacity);

  storage bytes_{nullptr, freeing{0}};
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

} // namespace sluice::silver
