#include "cdc/column_plan.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace sluice::cdc {

namespace {

using silver::type_kind;

template <class T>
void set_limits(column_plan& plan) {
  plan.least = std::numeric_limits<T>::min();
  plan.most = std::numeric_limits<T>::max();
}

void set_range(column_plan& plan) {
  switch (plan.type.kind) {
  case type_kind::int8:
    return set_limits<std::int8_t>(plan);
  case type_kind::int16:
    return set_limits<std::int16_t>(plan);
  case type_kind::int32:
    return set_limits<std::int32_t>(plan);
  case type_kind::int64:
    return set_limits<std::int64_t>(plan);
  case type_kind::uint8:
    return set_limits<std::uint8_t>(plan);
  case type_kind::uint16:
    return set_limits<std::uint16_t>(plan);
  case type_kind::uint32:
    return set_limits<std::uint32_t>(plan);
  case type_kind::uint64:
    return set_limits<std::uint64_t>(plan);
  case type_kind::date:
  case type_kind::date32:
  case type_kind::datetime:
  case type_kind::datetime64:
    plan.time = make_time_target(plan.type);
    return;
  default:
    return;
  }
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> members;
  for (;;) {
    const auto dot = path.find('.');
    members.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos)
      return members;
    path.remove_prefix(dot + 1);
  }
}

void set_source(column_plan& plan, const std::string& from) {
  constexpr std::string_view headers = "@headers.";
  if (from == "@offset")
    plan.source = column_source::offset;
  else if (from == "@partition")
    plan.source = column_source::partition;
  else if (from == "@timestamp")
    plan.source = column_source::timestamp;
  else if (from == "@key")
    plan.source = column_source::key;
  else if (from == "@op")
    plan.source = column_source::operation;
  else if (from.starts_with(headers))
    plan.source = column_source::header;
  if (plan.source == column_source::header)
    plan.path = {from.substr(headers.size())};
  else if (plan.source == column_source::row)
    plan.path = split_path(from);
}

bool names_a_wrapper(std::string_view member) {
  return member == "$oid" || member == "$date" || member == "$numberLong"
         || member == "$numberInt" || member == "$numberDouble"
         || member == "$numberDecimal" || member == "$uuid";
}

// A path into a wrapper is a path to the wrapper, because the other dialects
// write the same value without one.
void set_extended(column_plan& plan) {
  plan.extended = true;
  if (plan.path.size() > 1 && names_a_wrapper(plan.path.back())) {
    plan.object_id = plan.path.back() == "$oid";
    plan.path.pop_back();
  }
  plan.canonical = plan.path.front() == "_id"
                   && plan.type.kind == type_kind::string && !plan.raw;
}

column_plan plan_column(const silver::table_layout& layout, std::size_t index) {
  const auto table_column = layout.read_columns[index];
  const auto& column = layout.table.columns[table_column];
  column_plan plan;
  plan.name = column.name;
  plan.type = layout.types[table_column];
  plan.unit = column.unit;
  plan.invalid = column.invalid;
  plan.raw = column.raw;
  plan.is_key =
      std::ranges::find(layout.key_columns, index) != layout.key_columns.end();
  set_source(plan, column.from.empty() ? column.name : column.from);
  if (layout.table.format == topology::record_format::debezium_mongodb
      && plan.source == column_source::row)
    set_extended(plan);
  set_range(plan);
  plan.may_be_plain = !plan.raw && !plan.extended && !plan.canonical;
  plan.ticks_per_unit = ticks_per_unit(plan.time, plan.unit);
  if (plan.type.kind == type_kind::array) {
    auto element = plan;
    element.type = *plan.type.element;
    set_range(element);
    plan.element = std::make_shared<const column_plan>(std::move(element));
  }
  return plan;
}

} // namespace

std::vector<column_plan> plan_columns(const silver::table_layout& layout) {
  std::vector<column_plan> plans;
  plans.reserve(layout.read_columns.size());
  for (std::size_t i = 0; i < layout.read_columns.size(); ++i)
    plans.push_back(plan_column(layout, i));
  return plans;
}

} // namespace sluice::cdc
