// CityHash128 as of version 1.0.2, the checksum of ClickHouse's compressed
// blocks (later versions of CityHash give other values).
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::clickhouse::server {

struct hash_128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const hash_128&) const = default;
};

[[nodiscard]] hash_128 city_hash_128(std::string_view bytes);

} // namespace sluice::clickhouse::server
