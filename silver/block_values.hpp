// Reads values back out of a finished block: for what a cut touches, and for
// questions about its keys. Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "silver/block_builder.hpp"

namespace sluice::silver {

/// A row that has no time.
inline constexpr auto no_time = std::numeric_limits<std::int64_t>::min();

/// Whether moments_of() can read the column: Date, Date32, DateTime,
/// DateTime64, Nullable or not.
[[nodiscard]] bool holds_time(const column_type& type);
/// Whether the column holds days, not moments: Date, Date32.
[[nodiscard]] bool holds_days(const column_type& type);

/// The times of a column, by row: whole seconds since 1970-01-01 UTC, rounded
/// down; days since 1970-01-01 where holds_days(); no_time for NULL. The column
/// holds_time().
[[nodiscard]] std::vector<std::int64_t> moments_of(const block& rows,
                                                   std::size_t column);

/// The same of the last value that was appended to a column, which holds_time()
/// and has one.
[[nodiscard]] std::int64_t last_moment_of(const column_buffer& column);

/// Whether each row hides its key: the values of `_deleted`, a UInt8 column.
[[nodiscard]] std::span<const std::byte> flags_of(const block& rows,
                                                  std::size_t column);

/// The values of some columns in some rows (ascending) as SQL literals, by row:
/// "(1,'a')", "1" for a single column. Each converts to its column's type
/// without loss. The columns are no arrays; none of the values may be NULL.
[[nodiscard]] std::vector<std::string>
literals_of(const block& rows, std::span<const std::size_t> columns,
            std::span<const std::size_t> which);

} // namespace sluice::silver
