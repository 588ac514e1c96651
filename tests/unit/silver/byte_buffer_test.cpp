#include "silver/byte_buffer.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace sluice::silver {
namespace {

constexpr std::size_t large = std::size_t{1} << 20U;

void fill(byte_buffer& buffer, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    buffer.append(static_cast<std::uint8_t>(i % 251));
}

void expect_filled(const byte_buffer& buffer, std::size_t bytes) {
  ASSERT_EQ(buffer.size(), bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    ASSERT_EQ(buffer.view()[i], static_cast<std::byte>(i % 251)) << i;
}

TEST(ByteBuffer, KeepsItsBytesWhileItGrowsLarge) {
  byte_buffer buffer;
  fill(buffer, large);
  expect_filled(buffer, large);
}

TEST(ByteBuffer, ALargeOneThatWasMovedFromMayBeUsedAgain) {
  for (const auto again : {std::size_t{100}, large}) {
    byte_buffer buffer;
    fill(buffer, large);
    const auto moved = std::move(buffer);
    // NOLINTNEXTLINE(bugprone-use-after-move): what is tested
    fill(buffer, again);
    expect_filled(buffer, again);
    expect_filled(moved, large);
  }
}

TEST(ByteBuffer, AssigningFreesWhatWasThere) {
  byte_buffer small;
  fill(small, 10);
  byte_buffer buffer;
  fill(buffer, large);
  buffer = std::move(small);
  expect_filled(buffer, 10);
  fill(small, large); // NOLINT(bugprone-use-after-move): what is tested
  buffer = std::move(small);
  expect_filled(buffer, large);
}

} // namespace
} // namespace sluice::silver
