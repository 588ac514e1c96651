// Counts heap allocations of the whole test program, so that the hot path's
// promise (none per row) is measured and not only written down.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "silver/block_builder.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (auto* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc{};
}

} // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace sluice::silver {
namespace {

block_column column(std::string name, std::string_view type) {
  return {std::move(name), parse_column_type(type).value()};
}

TEST(BlockBuilderAllocation, RowsOfTheSecondBlockAllocateNothing) {
  block_builder builder{{column("i", "UInt64"), column("s", "String"),
                         column("n", "Nullable(Int32)"),
                         column("a", "Array(Nullable(String))")}};
  const auto fill = [&builder] {
    for (std::uint64_t row = 0; row < 5000; ++row) {
      builder.column(0).append(row);
      builder.column(1).append_string("a text longer than a short string");
      builder.column(2).append_null();
      builder.column(3).elements().append_string("element");
      builder.column(3).end_array();
      if (row % 10 == 0)
        builder.rollback_row();
      else
        builder.commit_row();
    }
  };
  fill();
  const auto first = builder.finish();
  const auto before = allocations.load();
  fill();
  EXPECT_EQ(allocations.load(), before);
  EXPECT_EQ(builder.finish()->bytes(), first->bytes());
}

TEST(BlockBuilderAllocation, FinishDoesNotCopyTheColumns) {
  block_builder builder{{column("s", "String")}};
  for (int row = 0; row < 100'000; ++row) {
    builder.column(0).append_string("0123456789");
    builder.commit_row();
  }
  const auto before = allocations.load();
  const auto rows = builder.finish();
  // Headers, names, pieces, the block and the next column's room.
  EXPECT_LT(allocations.load() - before, 40U);
  EXPECT_GT(rows->bytes(), 1'000'000U);
}

} // namespace
} // namespace sluice::silver
