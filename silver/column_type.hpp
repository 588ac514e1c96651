// ClickHouse column types that Sluice can write, parsed from their names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice::silver {

enum class type_kind {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  string,
  date,       // UInt16, days since 1970-01-01
  date32,     // Int32, days since 1970-01-01
  datetime,   // UInt32, seconds since 1970-01-01 UTC
  datetime64, // Int64, ticks of 10^-scale seconds since 1970-01-01 UTC
  decimal,    // Int32/64/128 by precision <= 9/18/38
  uuid,
  array,
};

struct column_type {
  type_kind kind = type_kind::string;
  bool nullable = false;
  /// LowCardinality(String); sent as String, ClickHouse builds the dictionary.
  bool low_cardinality = false;
  /// Decimal: digits in all (1..38).
  int precision = 0;
  /// Decimal: digits after the point. DateTime64: 0..9.
  int scale = 0;
  /// DateTime, DateTime64: as written, without quotes; empty: the server's.
  /// Only the display depends on it.
  std::string timezone;
  /// Array: type of the elements (which may be Nullable, not arrays).
  std::shared_ptr<const column_type> element;

  /// Bytes of one value in a Native block; 0 for String and Array.
  [[nodiscard]] std::size_t width() const;
  /// The type's name as ClickHouse prints it, for DDL.
  [[nodiscard]] std::string name() const;
  /// The type that the block declares: as name(), without LowCardinality.
  [[nodiscard]] std::string wire_name() const;
};

/// Parses a ClickHouse type name ("Nullable(Decimal(10, 2))", white space and
/// case as ClickHouse takes them). The error says in one line what is wrong,
/// what is supported, and the nearest supported name.
[[nodiscard]] tl::expected<column_type, std::string>
parse_column_type(std::string_view name);

} // namespace sluice::silver
