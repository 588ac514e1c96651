#include "cdc/column_writer.hpp"

#include "cdc/convert_number.hpp"
#include "cdc/convert_text.hpp"
#include "cdc/convert_time.hpp"
#include "cdc/excerpt.hpp"
#include "cdc/extended_json.hpp"
#include "cdc/json_string.hpp"

namespace sluice::cdc {

namespace {

using silver::column_buffer;
using silver::type_kind;
using topology::on_invalid;

reject_reason reason_of(fit what) {
  switch (what) {
  case fit::out_of_range:
    return reject_reason::out_of_range;
  case fit::inexact:
    return reject_reason::inexact;
  case fit::bad_encoding:
    return reject_reason::bad_encoding;
  default:
    return reject_reason::wrong_type;
  }
}

template <class T>
auto append_as(column_buffer& column) {
  return [&column](auto number) { column.append(static_cast<T>(number)); };
}

} // namespace

void column_writer::keep_counts() {
  counts_.nulled += pending_.nulled;
  counts_.clamped += pending_.clamped;
  pending_ = {};
}

reject_reason column_writer::refuse(const column_plan& plan, const value& from,
                                    reject_reason why, const char* hint) {
  detail_ = "column `" + plan.name + "`: expected " + plan.type.name()
            + ", found " + describe(from) + hint;
  return why;
}

template <class T, class Append>
reject_reason column_writer::settle(const column_plan& plan, const value& from,
                                    const conversion<T>& result,
                                    column_buffer& column, Append&& append) {
  if (result.what == fit::exact) {
    append(result.nearest);
    return reject_reason::none;
  }
  if (plan.invalid == on_invalid::null && plan.type.nullable) {
    column.append_null();
    ++pending_.nulled;
    return reject_reason::none;
  }
  const bool has_nearest =
      result.what == fit::out_of_range || result.what == fit::inexact;
  if (plan.invalid == on_invalid::clamp && has_nearest) {
    append(result.nearest);
    ++pending_.clamped;
    return reject_reason::none;
  }
  return refuse(plan, from, reason_of(result.what), result.hint);
}

reject_reason column_writer::write_null(const column_plan& plan,
                                        const value& from,
                                        column_buffer& column) {
  if (plan.is_key)
    return refuse(plan, from, reject_reason::missing_key, "");
  if (plan.type.nullable) {
    column.append_null();
    return reject_reason::none;
  }
  if (plan.invalid == on_invalid::clamp) {
    column.append_default();
    ++pending_.clamped;
    return reject_reason::none;
  }
  return refuse(plan, from, reject_reason::null_value,
                " (make the column Nullable)");
}

reject_reason column_writer::write(const column_plan& plan, const value& from,
                                   column_buffer& column) {
  if (from.form == value_form::blocked)
    return settle(plan, from, conversion<int>{}, column,
                  append_as<int>(column));
  const bool is_null =
      from.form == value_form::absent || from.form == value_form::null;
  // The text "null" is what a raw column that cannot be NULL keeps of a null.
  const bool keeps_null = from.form == value_form::null && plan.raw
                          && !plan.type.nullable && !plan.is_key;
  if (is_null && !keeps_null)
    return write_null(plan, from, column);
  if (plan.raw && from.document) {
    column.append_string(from.source());
    return reject_reason::none;
  }
  if (plan.canonical)
    return write_text(plan, from, column);
  if (!plan.extended && !from.escaped)
    return write_scalar(plan, from, column);
  auto plain = plan.extended ? unwrap_extended(from) : from;
  if (plan.object_id && plain.wrapped != wrapper::object_id)
    return settle(plan, from, conversion<int>{}, column,
                  append_as<int>(column));
  if (plain.escaped) {
    const auto text = decode_string(plain.text, string_scratch_);
    if (!text)
      return settle(plan, from, conversion<int>{fit::bad_encoding}, column,
                    append_as<int>(column));
    plain.text = *text;
    plain.escaped = false;
  }
  return write_scalar(plan, plain, column);
}

template <class T>
reject_reason column_writer::write_integer(const column_plan& plan,
                                           const value& from,
                                           column_buffer& column) {
  return settle(plan, from,
                to_integer(from, plan.least, plan.most, sizeof(T) == 1), column,
                append_as<T>(column));
}

template <class T>
reject_reason column_writer::write_time(const column_plan& plan,
                                        const value& from,
                                        column_buffer& column) {
  auto ticks = to_time(from, plan.time, plan.unit);
  // Kafka's own clock, which a coarser column is meant to cut.
  if (plan.source == column_source::timestamp && ticks.what == fit::inexact)
    ticks.what = fit::exact;
  return settle(plan, from, ticks, column, append_as<T>(column));
}

reject_reason column_writer::write_scalar(const column_plan& plan,
                                          const value& from,
                                          column_buffer& column) {
  switch (plan.type.kind) {
  case type_kind::boolean:
    return settle(plan, from, to_boolean(from), column,
                  append_as<std::uint8_t>(column));
  case type_kind::int8:
    return write_integer<std::int8_t>(plan, from, column);
  case type_kind::int16:
    return write_integer<std::int16_t>(plan, from, column);
  case type_kind::int32:
    return write_integer<std::int32_t>(plan, from, column);
  case type_kind::int64:
    return write_integer<std::int64_t>(plan, from, column);
  case type_kind::uint8:
    return write_integer<std::uint8_t>(plan, from, column);
  case type_kind::uint16:
    return write_integer<std::uint16_t>(plan, from, column);
  case type_kind::uint32:
    return write_integer<std::uint32_t>(plan, from, column);
  case type_kind::uint64:
    return write_integer<std::uint64_t>(plan, from, column);
  case type_kind::float32:
    return settle(plan, from, to_float32(from), column,
                  append_as<float>(column));
  case type_kind::float64:
    return settle(plan, from, to_float64(from), column,
                  append_as<double>(column));
  case type_kind::string:
    return write_text(plan, from, column);
  case type_kind::date:
    return write_time<std::uint16_t>(plan, from, column);
  case type_kind::date32:
    return write_time<std::int32_t>(plan, from, column);
  case type_kind::datetime:
    return write_time<std::uint32_t>(plan, from, column);
  case type_kind::datetime64:
    return write_time<std::int64_t>(plan, from, column);
  case type_kind::decimal:
    return write_decimal(plan, from, column);
  case type_kind::uuid:
    return settle(plan, from, to_uuid(from, scratch_), column,
                  append_as<silver::uuid_value>(column));
  case type_kind::array:
    return write_array(plan, from, column);
  }
  return refuse(plan, from, reject_reason::wrong_type, "");
}

reject_reason column_writer::write_text(const column_plan& plan,
                                        const value& from,
                                        column_buffer& column) {
  const auto append = [&column](std::string_view text) {
    column.append_string(text);
  };
  if (!plan.canonical)
    return settle(plan, from, to_text(from, scratch_), column, append);
  conversion<std::string_view> id;
  const bool fits =
      !plan.object_id || unwrap_extended(from).wrapped == wrapper::object_id;
  scratch_.clear();
  if (fits)
    id.what =
        append_canonical_id(from, scratch_) ? fit::exact : fit::bad_encoding;
  id.nearest = scratch_;
  return settle(plan, from, id, column, append);
}

reject_reason column_writer::write_decimal(const column_plan& plan,
                                           const value& from,
                                           column_buffer& column) {
  const auto number =
      to_decimal(from, {plan.type.precision, plan.type.scale}, scratch_);
  constexpr int digits_of_32_bits = 9;
  constexpr int digits_of_64_bits = 18;
  if (plan.type.precision <= digits_of_32_bits)
    return settle(plan, from, number, column, append_as<std::int32_t>(column));
  if (plan.type.precision <= digits_of_64_bits)
    return settle(plan, from, number, column, append_as<std::int64_t>(column));
  return settle(plan, from, number, column, append_as<int128>(column));
}

reject_reason column_writer::write_array(const column_plan& plan,
                                         const value& from,
                                         column_buffer& column) {
  if (from.form != value_form::array)
    return refuse(plan, from, reject_reason::wrong_type, "");
  auto why = reject_reason::none;
  from.document->each_element(from.at, [&](json_document::node at) {
    why = write(*plan.element, value_at(*from.document, at), column.elements());
    return why == reject_reason::none;
  });
  if (why == reject_reason::none)
    column.end_array();
  return why;
}

} // namespace sluice::cdc
