// Which partition a key belongs to, as Kafka's Java client decides it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::kafka {

/// MurmurHash2, 32 bits, with the Java client's seed (0x9747b28c).
[[nodiscard]] std::uint32_t murmur2(std::string_view key);
/// The default partitioner for a record with a key:
/// (murmur2(key) & 0x7fffffff) % partitions; `partitions` > 0.
[[nodiscard]] std::int32_t partition_of(std::string_view key, int partitions);

} // namespace sluice::kafka
