// Reads the rows of a block back out of the bytes that would go to ClickHouse.
#pragma once

#include <cstdint>
#include <vector>

#include "silver/block_builder.hpp"

namespace sluice::simulation {

/// A row of a simulated table.
struct row {
  std::int64_t id = 0;
  std::int64_t amount = 0;
  std::int64_t link = 0;
  /// Seconds since 1970-01-01 UTC.
  std::int64_t at = 0;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint16_t epoch = 0;
  std::uint64_t version = 0;
  bool deleted = false;
};

/// Decodes the Native format (one block, revision 0), whose columns are those
/// of the simulated tables: `id`, `amount` and `link` Int64, `at` DateTime, and
/// the row's own. Throws
/// std::runtime_error for anything else: the bytes are wrong.
[[nodiscard]] std::vector<row> read_rows(const silver::block& from);

} // namespace sluice::simulation
