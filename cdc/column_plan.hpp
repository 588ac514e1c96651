// What a column needs to be filled, worked out once per table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cdc/convert_time.hpp"
#include "cdc/number.hpp"
#include "silver/column_type.hpp"
#include "silver/table_layout.hpp"
#include "topology/topology.hpp"

namespace sluice::cdc {

/// Where a column's value is read.
enum class column_source : std::uint8_t {
  /// A member of the row.
  row,
  offset,
  partition,
  timestamp,
  key,
  operation,
  header,
};

struct column_plan {
  std::string name;
  silver::column_type type;
  column_source source = column_source::row;
  /// Names of the members that lead to the value; of a header: its name.
  std::vector<std::string> path;
  topology::time_unit unit = topology::time_unit::automatic;
  topology::on_invalid invalid = topology::on_invalid::reject;
  bool raw = false;
  bool is_key = false;
  /// Extended JSON wrappers are looked into.
  bool extended = false;
  /// A MongoDB `_id` or a part of it, as one text for all dialects.
  bool canonical = false;
  /// Only an ObjectId will do (`from: _id.$oid`).
  bool object_id = false;
  /// Of a date or time.
  time_target time;
  /// Of a number whose unit is not finer than the column; 0: take the long way.
  std::int64_t ticks_per_unit = 0;
  /// Nothing but the value itself decides how it is converted.
  bool may_be_plain = false;
  /// Of an integer.
  int128 least = 0;
  int128 most = 0;
  /// Of an array: how its elements are converted.
  std::shared_ptr<const column_plan> element;
};

/// The plans of the columns that are read from the record, in the order of the
/// layout's block columns.
[[nodiscard]] std::vector<column_plan>
plan_columns(const silver::table_layout& layout);

} // namespace sluice::cdc
