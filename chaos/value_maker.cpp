#include "chaos/value_maker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

namespace sluice::chaos {

namespace {

using json = nlohmann::ordered_json;
using silver::type_kind;

constexpr std::uint64_t many = 1'000'000;
// 2026-02-18, and as far as every type of a date reaches from there.
constexpr std::int64_t first_day = 20'502;
constexpr std::uint64_t days = 10'000;
constexpr std::int64_t day_seconds = 86'400;

std::string formatted(const char* format, std::uint64_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format,
                static_cast<unsigned long long>(number));
  return text.data();
}

std::uint64_t decimal_values(const silver::column_type& type) {
  std::uint64_t result = 1;
  for (auto digit = type.scale; digit < type.precision && result < many;
       ++digit)
    result *= 10;
  return result;
}

/// ISO 8601 of a day since 1970-01-01.
std::string iso_day(std::int64_t day) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{day}}};
  std::array<char, 64> text{};
  std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

/// ISO 8601 of the seconds of a day, in UTC.
std::string iso_time(std::int64_t seconds) {
  const std::chrono::hh_mm_ss time{std::chrono::seconds{seconds}};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02dZ",
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

} // namespace

std::uint64_t distinct_values(const silver::column_type& type) {
  switch (type.kind) {
  case type_kind::boolean:
    return 2;
  case type_kind::int8:
  case type_kind::uint8:
    return 100;
  case type_kind::int16:
  case type_kind::uint16:
    return 30'000;
  case type_kind::date:
  case type_kind::date32:
  case type_kind::datetime:
  case type_kind::datetime64:
    return days;
  case type_kind::decimal:
    return decimal_values(type);
  case type_kind::array:
    return type.element ? distinct_values(*type.element) : 1;
  default:
    return many;
  }
}

json make_time(const topology::column& column, const silver::column_type& type,
               topology::record_format format, std::int64_t seconds) {
  const auto is_date =
      type.kind == type_kind::date || type.kind == type_kind::date32;
  const auto day =
      std::chrono::floor<std::chrono::days>(std::chrono::seconds{seconds})
          .count();
  if (is_date)
    seconds = day * day_seconds;
  switch (column.unit) {
  case topology::time_unit::days:
    return day;
  case topology::time_unit::s:
    return seconds;
  case topology::time_unit::ms:
    return seconds * 1000;
  case topology::time_unit::us:
    return seconds * 1'000'000;
  case topology::time_unit::ns:
    return seconds * 1'000'000'000;
  case topology::time_unit::automatic:
    break;
  }
  if (format == topology::record_format::debezium_mongodb)
    return json{{"$date", seconds * 1000}};
  return is_date ? iso_day(day)
                 : iso_day(day) + iso_time(seconds - day * day_seconds);
}

json make_value(const topology::column& column, const silver::column_type& type,
                topology::record_format format, std::uint64_t number) {
  const auto of_type = number % distinct_values(type);
  if (column.raw)
    return json{{"page", "p" + std::to_string(number)}, {"nested", {1, 2.5}}};
  switch (type.kind) {
  case type_kind::boolean:
    return of_type == 1;
  case type_kind::string:
    // Of a MongoDB ObjectId nothing but 24 digits will do.
    return column.from.ends_with("$oid") ? formatted("%024llx", number)
                                         : "text " + std::to_string(number);
  case type_kind::uuid:
    return formatted("00000000-0000-4000-8000-%012llx", number);
  case type_kind::date:
  case type_kind::date32:
  case type_kind::datetime:
  case type_kind::datetime64:
    return make_time(column, type, format,
                     (first_day + static_cast<std::int64_t>(number % days))
                         * day_seconds);
  case type_kind::array: {
    auto result = json::array();
    if (type.element)
      result.push_back(make_value(column, *type.element, format, number));
    return result;
  }
  default:
    return of_type;
  }
}

} // namespace sluice::chaos
