// The user's SELECT for one window.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// toDateTime64('2026-02-20 00:00:00', 3, 'UTC'), shown in `zone`: compares
/// exactly with DateTime and DateTime64 columns of any time zone; a Date column
/// compares as its midnight in `zone`, and toDate() of it is the date there.
[[nodiscard]] std::string time_literal(std::chrono::sys_seconds when,
                                       std::string_view zone);

/// `sql` with {window_start} and {window_end}, shown in `zone`, replaced
/// wherever they stand outside of strings, quoted names and comments, and
/// without white space and semicolons at the end. Other {names} are left alone
/// when they have a type
/// ({tenant:String}); without one they are an error that names the nearest.
[[nodiscard]] tl::expected<std::string, std::string>
render_sql(std::string_view sql, const window& what, std::string_view zone);

/// Finds the column of the SQL's result for each of result_columns(g), by name
/// and whatever the order; ClickHouse names `u.user_id` of a join so when both
/// sides have it, and that is found for user_id too. The error is one line: a
/// column that is missing, twice there, or not declared.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string>
match_result_columns(const topology::gold& g,
                     const std::vector<std::string>& yielded);

} // namespace sluice::gold
