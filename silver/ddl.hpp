// The DDL of silver tables, and what the plan says of each column.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "silver/table_layout.hpp"

namespace sluice::silver {

/// CREATE TABLE IF NOT EXISTS for the layout, one clause a line: the topology's
/// columns (computed and constant ones as DEFAULT), the row's own, a minmax
/// index over _partition and _offset and one over each of `sought_columns`,
/// ReplacingMergeTree(_version, _deleted) or MergeTree unless `engine` says
/// otherwise, PARTITION BY, ORDER BY, TTL, settings (deduplication windows on,
/// replicated or not; the table's own settings win). Works on ClickHouse 23.10
/// and newer. Items of `order_by` that are no columns are taken as expressions.
[[nodiscard]] std::string create_table(const table_layout& layout,
                                       const std::string& database);

/// A column that ClickHouse already has (system.columns: name, type and
/// is_in_sorting_key; without the last, keys are not compared).
struct existing_column {
  std::string name;
  std::string type;
  std::optional<bool> in_sorting_key = std::nullopt;
};

/// The column by which a table without `order_by` and key is sorted, or the
/// first item of these; empty: none.
[[nodiscard]] std::string leading_column(const table_layout& layout);

/// The statements that bring an existing table to the layout (columns that are
/// missing are added, and indexes whose names `indexes` lacks; others left
/// alone; empty: nothing to do), or the reasons
/// why that cannot be done without losing data (a type that differs, a key that
/// differs, a table that Sluice has not made), one line each. A table that was
/// made before there was an `_epoch` gets it; its rows are of epoch 0, the only
/// one that there was.
[[nodiscard]] tl::expected<std::vector<std::string>, std::vector<std::string>>
migrate_table(const table_layout& layout, const std::string& database,
              const std::vector<existing_column>& existing,
              const std::vector<std::string>& indexes = {});

/// What the mapping of one column may lose, in a short sentence each ("values
/// before 1900-01-01 go to the dead-letter topic"); empty: nothing.
[[nodiscard]] std::vector<std::string>
mapping_losses(const table_layout& layout, std::size_t table_column);

} // namespace sluice::silver
