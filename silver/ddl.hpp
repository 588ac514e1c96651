// The DDL of silver tables, and what the plan says of each column.
#pragma once

#include <string>
#include <vector>

#include "silver/table_layout.hpp"

namespace sluice::silver {

/// `name` quoted with back-ticks, whatever it contains.
[[nodiscard]] std::string quote_identifier(std::string_view name);
/// `text` as a SQL string literal.
[[nodiscard]] std::string quote_literal(std::string_view text);

/// CREATE TABLE IF NOT EXISTS for the layout, one clause a line: the topology's
/// columns (computed and constant ones as DEFAULT), the row's own, a minmax
/// index over _partition and _offset, ReplacingMergeTree(_version, _deleted) or
/// MergeTree unless `engine` says otherwise, PARTITION BY, ORDER BY, TTL,
/// settings (deduplication windows on, replicated or not).
[[nodiscard]] std::string create_table(const table_layout& layout,
                                       const std::string& database);

/// A column that ClickHouse already has (system.columns).
struct existing_column {
  std::string name;
  std::string type;
};

/// The statements that bring an existing table to the layout (columns that are
/// missing are added), or the reasons why that cannot be done without losing
/// data (a type that differs, a key that differs), one line each.
[[nodiscard]] tl::expected<std::vector<std::string>, std::vector<std::string>>
migrate_table(const table_layout& layout, const std::string& database,
              const std::vector<existing_column>& existing);

/// What the mapping of one column may lose, in a short sentence each ("values
/// before 1900-01-01 go to the dead-letter topic"); empty: nothing.
[[nodiscard]] std::vector<std::string>
mapping_losses(const table_layout& layout, std::size_t table_column);

} // namespace sluice::silver
