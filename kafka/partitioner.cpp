#include "kafka/partitioner.hpp"

namespace sluice::kafka {

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t multiplier = 0x5bd1e995;
  constexpr std::uint32_t seed = 0x9747b28c;
  auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(key[at]));
  };
  auto hash = seed ^ static_cast<std::uint32_t>(key.size());
  while (key.size() >= 4) {
    auto word = byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U;
    word *= multiplier;
    word ^= word >> 24U;
    hash = hash * multiplier ^ word * multiplier;
    key.remove_prefix(4);
  }
  if (!key.empty()) {
    for (auto at = key.size(); at > 0; --at)
      hash ^= byte(at - 1) << (8 * (at - 1));
    hash *= multiplier;
  }
  hash ^= hash >> 13U;
  hash *= multiplier;
  return hash ^ hash >> 15U;
}

std::int32_t partition_of(std::string_view key, int partitions) {
  return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU)
                                   % static_cast<std::uint32_t>(partitions));
}

} // namespace sluice::kafka
