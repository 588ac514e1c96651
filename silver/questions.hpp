// Questions to silver about what is there, by which a new owner of a partition
// inserts nothing twice: SQL and the reading of its answers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::silver {

/// Asks for the offsets in [lo, hi) of which `table` has a row from this
/// partition and epoch, each once, in rising order, as TabSeparated. Offsets
/// are those of Kafka: 0 and more. Rows are read as they are stored (final = 0,
/// whatever the user's profile says): hidden rows count, but a `latest` table
/// forgets a row that a newer one of its key has replaced, in a merge (or,
/// where optimize_on_insert is set, within its own block already), so there a
/// missing row may have been inserted; to insert it again changes nothing that
/// FINAL shows. The minmax index over _partition and _offset keeps it from
/// reading the table.
[[nodiscard]] std::string rows_in_range_sql(std::string_view database,
                                            std::string_view table,
                                            std::int32_t partition,
                                            std::int64_t lo, std::int64_t hi,
                                            std::uint16_t epoch);

/// The offsets of an answer to rows_in_range_sql; none is an answer. The error
/// says which line is no offset, or that the last line has no end.
[[nodiscard]] tl::expected<std::vector<std::int64_t>, std::string>
parse_rows_in_range(std::string_view tab_separated);

/// Asks for the greatest offset of which `table` has a row from this partition
/// and epoch, `from` or beyond: always one line of TabSeparated, the number of
/// rows and the greatest offset (0 when there is none, hence the number). With
/// a `from` the minmax index keeps it from reading what lies before; without
/// one it reads three columns of all rows of the partition.
[[nodiscard]] std::string newest_offset_sql(std::string_view database,
                                            std::string_view table,
                                            std::int32_t partition,
                                            std::uint16_t epoch,
                                            std::int64_t from = 0);

/// The offset of an answer to newest_offset_sql; none when there is no row. An
/// empty answer is an error, so that a lost one is never taken for "no row".
[[nodiscard]] tl::expected<std::optional<std::int64_t>, std::string>
parse_newest_offset(std::string_view tab_separated);

/// A SQL condition that holds for rows whose `_offset` lies in one of the
/// half-open ranges [first, second): the `filter` of an insert_request without
/// `hide_column` (with one, other rows would be written hidden). It has its own
/// parentheses. Ranges may come in any order and overlap; empty ones count for
/// nothing, and without any the condition holds for no row.
///
/// Many ranges close to one another become one bitmap, because a condition for
/// each would pass ClickHouse's limits (max_query_size, max_ast_elements): rows
/// that alternate between ClickHouse partitions give a range each. The text has
/// at most about one byte for three offsets between the first and the last.
[[nodiscard]] std::string offsets_condition(
    std::span<const std::pair<std::int64_t, std::int64_t>> ranges);

} // namespace sluice::silver
