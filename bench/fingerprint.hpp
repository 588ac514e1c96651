// Sums that do not depend on the order of what is added, so that ClickHouse and
// a consumer of several partitions come to the same numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::bench {

/// What ClickHouse calls CRC32(text): the polynomial of zlib.
[[nodiscard]] std::uint32_t crc32_of(std::string_view text);

/// Sum of the payload's 64-bit little-endian words, the last one filled up with
/// zeros, modulo 2^64. Reads every byte once.
[[nodiscard]] std::uint64_t word_sum(std::string_view payload);

/// Rows of a table in its end state.
struct table_totals {
  std::uint64_t rows = 0;
  /// Sum of crc32_of() over the rows' texts (columns joined by '|').
  std::uint64_t checksum = 0;

  void add(std::string_view row_text) {
    ++rows;
    checksum += crc32_of(row_text);
  }
  table_totals& operator+=(const table_totals& other) {
    rows += other.rows;
    checksum += other.checksum;
    return *this;
  }
  bool operator==(const table_totals&) const = default;
};

} // namespace sluice::bench
