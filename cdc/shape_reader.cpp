#include "cdc/shape_reader.hpp"

#include <algorithm>
#include <utility>

#include "silver/column_type.hpp"

namespace sluice::cdc {

namespace {

/// Debezium's rows as objects, and every column from a scalar of them.
bool can_read(const std::vector<column_plan>& columns,
              topology::record_format format) {
  return format == topology::record_format::debezium_json
         && std::ranges::all_of(columns, [](const column_plan& each) {
              return each.source != column_source::row
                     || (!each.raw && !each.extended && !each.canonical
                         && each.type.kind != silver::type_kind::array);
            });
}

} // namespace

shape_reader::shape_reader(const std::vector<column_plan>& columns,
                           topology::record_format format)
    : columns_(&columns), can_read_(can_read(columns, format)),
      found_(columns.size()) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto same = [&](const column_plan& other) {
      return other.source == column_source::row
             && other.path == columns[i].path;
    };
    const auto first = std::ranges::find_if(columns, same) - columns.begin();
    slots_.push_back(columns[i].source == column_source::row
                         ? static_cast<std::size_t>(first)
                         : i);
  }
}

bool shape_reader::is_read(std::size_t index) const {
  return (*columns_)[index].source == column_source::row
         && slots_[index] == index;
}

std::optional<operation> shape_reader::read(std::string_view record) {
  for (auto shape = shapes_.begin(); shape != shapes_.end(); ++shape) {
    const auto result = shape->match(record, found_);
    if (!result)
      continue;
    std::rotate(shapes_.begin(), shape, shape + 1);
    savings_ = std::min(savings_ + 1, most_savings);
    return result;
  }
  return std::nullopt;
}

bool shape_reader::wants_to_learn() {
  if (!can_read_ || savings_ < price)
    return false;
  savings_ -= price;
  return true;
}

/// False: the column's value is neither a scalar nor surely absent.
bool shape_reader::place(std::size_t index, const value& found) {
  switch (found.form) {
  case value_form::absent:
    absent_.push_back(index);
    // A null on the way could be something else in another record.
    return (*columns_)[index].path.size() == 1;
  case value_form::blocked:
  case value_form::object:
  case value_form::array:
    return false;
  default:
    places_.push_back({found.at, index});
    return true;
  }
}

void shape_reader::take_in(const json_document& document,
                           const envelope& change) {
  std::ranges::sort(places_, {}, &record_shape::place::at);
  auto shape = record_shape::learn(document, places_, absent_, change);
  if (shape)
    keep(std::move(*shape));
}

void shape_reader::keep(record_shape shape) {
  for (auto& known : shapes_)
    if (known.widen(shape))
      return;
  if (shapes_.size() == most_shapes)
    shapes_.pop_back();
  shapes_.insert(shapes_.begin(), std::move(shape));
}

} // namespace sluice::cdc
