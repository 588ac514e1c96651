// The golds of the simulation, and what their SQL would yield.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <vector>

#include "gold/window.hpp"
#include "simulation/clickhouse_server.hpp"
#include "topology/topology.hpp"

namespace sluice::simulation {

/// Of the event time of each order, with what refers to it: hours, run when
/// they have changed, refreshed while they fill.
inline constexpr const char* order_hours = "order_hours";
/// Of the orders of users that exist: six hours, one every two, run when they
/// have changed. What a user is worth is taken up at the next run.
inline constexpr const char* order_shifts = "order_shifts";
/// Of order_hours: six hours, run after it.
inline constexpr const char* order_days = "order_days";
/// Of the append table, each with whether its user exists: two hours, run when
/// the watermark has passed them.
inline constexpr const char* event_hours = "event_hours";

/// All of them.
[[nodiscard]] std::vector<topology::gold> make_golds();
/// Those of a schedule: at times none, otherwise order_hours and some others.
[[nodiscard]] std::vector<topology::gold> draw_golds(random_source& chance);

/// A row of a window: an id, its event time and what it adds up to.
struct gold_row {
  std::int64_t id = 0;
  std::int64_t at = 0;
  std::int64_t amount = 0;
  std::int64_t joined = 0;
  auto operator<=>(const gold_row&) const = default;
};
using gold_rows = std::vector<gold_row>;

/// The rows of order_hours that a window of another gold reads.
using hours_reader = std::function<gold_rows(const gold::window&)>;

/// What the SQL of `gold` yields for a window now, sorted.
[[nodiscard]] gold_rows select_window(const clickhouse_server& from,
                                      const topology::gold& gold,
                                      const gold::window& what,
                                      const hours_reader& hours);

/// The silver tables that its SQL reads.
[[nodiscard]] std::vector<std::string> tables_of(const topology::gold& gold);

} // namespace sluice::simulation
