#include "kafka/crc32c.hpp"

#include <array>

namespace sluice::kafka {

namespace {

constexpr std::uint32_t polynomial = 0x82F63B78; // reflected

/// table[n][b]: the effect of byte b, n bytes before the end of a word.
constexpr auto table = [] {
  std::array<std::array<std::uint32_t, 256>, 8> result{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    result[0][byte] = crc;
  }
  for (std::size_t n = 1; n < 8; ++n)
    for (std::size_t byte = 0; byte < 256; ++byte)
      result[n][byte] =
          (result[n - 1][byte] >> 8U) ^ result[0][result[n - 1][byte] & 0xFFU];
  return result;
}();

std::uint32_t at(std::span<const std::byte> data, std::size_t index) {
  return std::to_integer<std::uint32_t>(data[index]);
}

} // namespace

std::uint32_t crc32c(std::span<const std::byte> data) {
  std::uint32_t crc = 0xFFFFFFFF;
  while (data.size() >= 8) {
    auto low = crc
               ^ (at(data, 0) | at(data, 1) << 8U | at(data, 2) << 16U
                  | at(data, 3) << 24U);
    crc = table[7][low & 0xFFU] ^ table[6][(low >> 8U) & 0xFFU]
          ^ table[5][(low >> 16U) & 0xFFU] ^ table[4][low >> 24U]
          ^ table[3][at(data, 4)] ^ table[2][at(data, 5)]
          ^ table[1][at(data, 6)] ^ table[0][at(data, 7)];
    data = data.subspan(8);
  }
  for (auto byte : data)
    crc = (crc >> 8U)
          ^ table[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU];
  return ~crc;
}

} // namespace sluice::kafka
