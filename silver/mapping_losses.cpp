#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "silver/ddl.hpp"

namespace sluice::silver {

namespace {

using topology::on_invalid;
using topology::time_unit;

std::string fate(on_invalid policy) {
  switch (policy) {
  case on_invalid::null:
    return "become NULL";
  case on_invalid::clamp:
    return "become the nearest value that fits";
  case on_invalid::reject:
    break;
  }
  return "go to the dead-letter topic";
}

std::string fate_of_fraction(on_invalid policy) {
  return policy == on_invalid::clamp ? "are cut off" : fate(policy);
}

/// The values that an integer type holds, as people write them.
std::optional<std::string_view> integer_range(type_kind kind) {
  switch (kind) {
  case type_kind::int8:
    return "-128 to 127";
  case type_kind::int16:
    return "-32768 to 32767";
  case type_kind::int32:
    return "-2147483648 to 2147483647";
  case type_kind::int64:
    return "-9223372036854775808 to 9223372036854775807";
  case type_kind::uint8:
    return "0 to 255";
  case type_kind::uint16:
    return "0 to 65535";
  case type_kind::uint32:
    return "0 to 4294967295";
  case type_kind::uint64:
    return "0 to 18446744073709551615";
  default:
    return std::nullopt;
  }
}

/// Digits of a second's fraction that the source may carry: text may have as
/// many as nanoseconds need.
int fraction_digits(time_unit unit) {
  switch (unit) {
  case time_unit::s:
  case time_unit::days:
    return 0;
  case time_unit::ms:
    return 3;
  case time_unit::us:
    return 6;
  case time_unit::ns:
  case time_unit::automatic:
    break;
  }
  return 9;
}

std::string_view tick_name(int scale) {
  constexpr std::array<std::string_view, 10> names = {
      "a second", "100 ms",        "10 ms",  "a millisecond", "100 us",
      "10 us",    "a microsecond", "100 ns", "10 ns",         "a nanosecond"};
  return names[static_cast<std::size_t>(scale)];
}

class losses_of_column {
public:
  explicit losses_of_column(const topology::column& column) : column_(column) {}

  std::vector<std::string> list(const column_type& type) {
    add(type);
    const auto always_there = column_.from == "@offset"
                              || column_.from == "@partition"
                              || column_.from == "@op";
    if (!type.nullable && !always_there)
      losses_.emplace_back(
          type.kind == type_kind::array && type.element->nullable
              ? "a null in place of the array goes to the dead-letter topic"
              : "null goes to the dead-letter topic");
    return std::move(losses_);
  }

private:
  void out_of(std::string_view what, std::string_view range) {
    losses_.push_back(std::string{what} + " outside " + std::string{range} + ' '
                      + fate(column_.invalid));
  }

  void finer_than(int scale) {
    if (fraction_digits(column_.unit) > scale)
      losses_.push_back("fractions finer than " + std::string{tick_name(scale)}
                        + ' ' + fate_of_fraction(column_.invalid));
  }

  void time_of_day() {
    if (column_.unit != time_unit::days)
      losses_.push_back("times of day other than 00:00 UTC "
                        + fate_of_fraction(column_.invalid));
  }

  void add(const column_type& type) {
    if (const auto range = integer_range(type.kind)) {
      const auto of_kafka =
          column_.from == "@offset" || column_.from == "@partition";
      if (of_kafka && type.width() == sizeof(std::int64_t))
        return;
      out_of("integers", *range);
      if (!of_kafka)
        losses_.push_back("numbers with a fraction "
                          + fate_of_fraction(column_.invalid));
      return;
    }
    switch (type.kind) {
    case type_kind::array:
      add(*type.element);
      return;
    case type_kind::boolean:
      losses_.push_back("anything but true, false, 1 and 0 "
                        + one(fate(column_.invalid)));
      return;
    case type_kind::uuid:
      losses_.push_back("text that is no UUID " + one(fate(column_.invalid)));
      return;
    case type_kind::float32:
      losses_.emplace_back("numbers are rounded to 24 bits (about 7 digits)");
      return;
    case type_kind::float64:
      losses_.emplace_back("numbers are rounded to 53 bits (about 15 digits)");
      return;
    case type_kind::decimal:
      add_decimal(type);
      return;
    default:
      add_time(type);
    }
  }

  void add_decimal(const column_type& type) {
    losses_.push_back("numbers with more than "
                      + std::to_string(type.precision - type.scale)
                      + " digits before the point " + fate(column_.invalid));
    const auto digits = std::to_string(type.scale);
    losses_.push_back(column_.invalid == on_invalid::clamp
                          ? "digits after the point beyond the first " + digits
                                + " are cut off"
                          : "numbers with more than " + digits
                                + " digits after the point "
                                + fate(column_.invalid));
  }

  void add_time(const column_type& type) {
    switch (type.kind) {
    case type_kind::date:
      out_of("dates", "1970-01-01 to 2149-06-06");
      time_of_day();
      return;
    case type_kind::date32:
      out_of("dates", "1900-01-01 to 2299-12-31");
      time_of_day();
      return;
    case type_kind::datetime:
      out_of("times", "1970-01-01 00:00:00 to 2106-02-07 06:28:15 UTC");
      finer_than(0);
      return;
    case type_kind::datetime64:
      // Int64 nanoseconds end earlier than ClickHouse's calendar.
      out_of("times", type.scale == 9
                          ? "1900-01-01 00:00:00 to 2262-04-11 23:47:16 UTC"
                          : "1900-01-01 00:00:00 to 2299-12-31 23:59:59 UTC");
      finer_than(type.scale);
      return;
    default:
      return;
    }
  }

  /// "go" and "become" for one thing.
  static std::string one(std::string plural) {
    const auto verb = plural.find(' ');
    return plural.insert(verb, plural.starts_with("go") ? "es" : "s");
  }

  const topology::column& column_;
  std::vector<std::string> losses_;
};

} // namespace

std::vector<std::string> mapping_losses(const table_layout& layout,
                                        std::size_t table_column) {
  const auto& column = layout.table.columns[table_column];
  if (!column.is_read())
    return {};
  return losses_of_column{column}.list(layout.types[table_column]);
}

} // namespace sluice::silver
