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

/// toDateTime64('2026-02-20 00:00:00', 3, 'UTC'): compares exactly with
/// DateTime and DateTime64 columns of any time zone. (Date columns compare
/// exactly under session_timezone = 'UTC', which runs set.)
[[nodiscard]] std::string time_literal(std::chrono::sys_seconds when);

/// `sql` with {window_start} and {window_end} replaced wherever they stand
/// outside of strings, quoted names and comments, and without white space and
/// semicolons at the end. Other {names} are left alone when they have a type
/// ({tenant:String}); without one they are an error that names the nearest.
[[nodiscard]] tl::expected<std::string, std::string>
render_sql(std::string_view sql, const window& what);

/// Compares the names that the SQL yields with those it has to yield: "the SQL
/// yields no column total_events (it yields: ...)"; empty: they match. Order
/// does not matter.
[[nodiscard]] std::string
check_result_columns(const topology::gold& g,
                     const std::vector<std::string>& yielded);

} // namespace sluice::gold
