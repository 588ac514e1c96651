// What a table's row in ClickHouse's system.tables says of its engine. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::plan {

/// Database and name.
using table_name = std::pair<std::string, std::string>;

/// A whole number among the SETTINGS of `engine_full` ("MergeTree ORDER BY a
/// SETTINGS name = 100, ..."); std::nullopt when it is not set there.
[[nodiscard]] std::optional<std::uint64_t>
engine_setting(std::string_view engine_full, std::string_view name);

/// Where a materialized view writes, of its `create_table_query` as ClickHouse
/// shows it: the table after TO, or its own inner table, which is named after
/// the view's `uuid` (in an Atomic database) or its name.
[[nodiscard]] table_name view_target(std::string_view create_table_query,
                                     const table_name& view,
                                     std::string_view uuid);

} // namespace sluice::plan
