// Values into Date, Date32, DateTime and DateTime64 columns.
#pragma once

#include <cstdint>
#include <optional>

#include "cdc/conversion.hpp"
#include "cdc/value.hpp"
#include "silver/column_type.hpp"
#include "topology/topology.hpp"

namespace sluice::cdc {

/// What a time column counts and how far, worked out once. The limits are those
/// that ClickHouse documents; it does not check binary inserts itself.
struct time_target {
  bool is_date = false;
  /// Decimal digits of a second that a tick is; of no meaning for a date.
  int scale = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// Ticks of the column in one `unit`; 0: the unit is finer, or not known, or
/// the column is a date.
[[nodiscard]] std::int64_t ticks_per_unit(const time_target& target,
                                          topology::time_unit unit);

/// The way that nearly all values go: an integer of a unit that is not finer
/// than the column. std::nullopt: to_time knows what to do.
[[nodiscard]] std::optional<std::int64_t>
short_ticks(const value& from, std::int64_t ticks_per_unit,
            const time_target& target);

/// `type` must be a date or time.
[[nodiscard]] time_target make_time_target(const silver::column_type& type);

/// Ticks (or days) since 1970-01-01 UTC, from
///   - a number of `unit`, or of the unit that it names itself; without either
///     only a date takes it, as days;
///   - ISO-8601 text (civil_time.hpp), "infinity" being out of range;
///   - a numeric string, if `unit` is set.
/// What is finer than a tick is inexact, `nearest` the tick before it. Strings
/// must come with their escapes decoded.
[[nodiscard]] conversion<std::int64_t>
to_time(const value& from, const time_target& target, topology::time_unit unit);

} // namespace sluice::cdc
