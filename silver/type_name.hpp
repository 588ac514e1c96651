// The names by which ClickHouse knows its types: which are Sluice's, which are
// other names of those, and what to take in place of the rest. Source:
// system.data_type_families of ClickHouse 26.5 and 23.10.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "silver/column_type.hpp"

namespace sluice::silver {

/// A type's name found, before its arguments.
struct type_family {
  type_kind kind = type_kind::string;
  /// Decimal32, 64, 128: the precision that the name itself says; 0: none.
  int precision = 0;
  /// A name taken from SQL: VARCHAR(255), INT(11) may say a length, which
  /// ClickHouse takes and forgets.
  bool takes_length = false;
};

/// Looks a family up ("Int32", "bigint", "DOUBLE PRECISION"), with case as
/// ClickHouse takes it: its own names exactly, except Bool, Date, Date32,
/// DateTime, DateTime64, Decimal...; names taken from SQL in any case.
/// Nullable, LowCardinality and Array are not families.
[[nodiscard]] std::optional<type_family>
find_type_family(std::string_view name);

/// The end of the sentence "type X is not supported; ...": what to use instead.
[[nodiscard]] std::string suggest_type(std::string_view name);

} // namespace sluice::silver
