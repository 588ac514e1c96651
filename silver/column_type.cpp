#include "silver/column_type.hpp"

#include <string>

namespace sluice::silver {

namespace {

std::string base_name(const column_type& type) {
  const auto zone =
      type.timezone.empty() ? std::string{} : "'" + type.timezone + "'";
  switch (type.kind) {
  case type_kind::boolean:
    return "Bool";
  case type_kind::int8:
    return "Int8";
  case type_kind::int16:
    return "Int16";
  case type_kind::int32:
    return "Int32";
  case type_kind::int64:
    return "Int64";
  case type_kind::uint8:
    return "UInt8";
  case type_kind::uint16:
    return "UInt16";
  case type_kind::uint32:
    return "UInt32";
  case type_kind::uint64:
    return "UInt64";
  case type_kind::float32:
    return "Float32";
  case type_kind::float64:
    return "Float64";
  case type_kind::string:
    return "String";
  case type_kind::date:
    return "Date";
  case type_kind::date32:
    return "Date32";
  case type_kind::datetime:
    return zone.empty() ? "DateTime" : "DateTime(" + zone + ")";
  case type_kind::datetime64:
    return "DateTime64(" + std::to_string(type.scale)
           + (zone.empty() ? "" : ", " + zone) + ")";
  case type_kind::decimal:
    return "Decimal(" + std::to_string(type.precision) + ", "
           + std::to_string(type.scale) + ")";
  case type_kind::uuid:
    return "UUID";
  case type_kind::array:
    break;
  }
  return {};
}

std::string full_name(const column_type& type, bool on_the_wire) {
  if (type.kind == type_kind::array)
    return "Array(" + full_name(*type.element, on_the_wire) + ")";
  auto name = base_name(type);
  if (type.nullable)
    name = "Nullable(" + name + ")";
  if (type.low_cardinality && !on_the_wire)
    name = "LowCardinality(" + name + ")";
  return name;
}

} // namespace

std::size_t column_type::width() const {
  switch (kind) {
  case type_kind::boolean:
  case type_kind::int8:
  case type_kind::uint8:
    return 1;
  case type_kind::int16:
  case type_kind::uint16:
  case type_kind::date:
    return 2;
  case type_kind::int32:
  case type_kind::uint32:
  case type_kind::float32:
  case type_kind::date32:
  case type_kind::datetime:
    return 4;
  case type_kind::int64:
  case type_kind::uint64:
  case type_kind::float64:
  case type_kind::datetime64:
    return 8;
  case type_kind::uuid:
    return 16;
  case type_kind::decimal:
    return precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
  case type_kind::string:
  case type_kind::array:
    break;
  }
  return 0;
}

std::string column_type::name() const { return full_name(*this, false); }

std::string column_type::wire_name() const { return full_name(*this, true); }

} // namespace sluice::silver
