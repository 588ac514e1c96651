// What can be said of a piece of SQL without parsing it: ClickHouse itself
// judges the rest when the plan is applied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::topology {

/// `sql` with strings, quoted names and comments blanked out, byte for byte.
/// std::nullopt when one of them does not end.
[[nodiscard]] std::optional<std::string> without_quoted(std::string_view sql);

/// Names in an expression that can only be columns: not followed by "(", not
/// numbers, not words such as INTERVAL and DAY. Nothing when it cannot be told.
[[nodiscard]] std::vector<std::string> column_names(std::string_view sql);

/// What is wrong with a gold table's query, one line each: it does not begin
/// with SELECT or WITH, holds more than one statement, {window_start} or
/// {window_end} is missing or misspelt.
[[nodiscard]] std::vector<std::string> query_mistakes(std::string_view sql);

} // namespace sluice::topology
