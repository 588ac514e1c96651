#include "cdc/convert_text.hpp"

#include <charconv>
#include <cstdint>

#include "cdc/base64.hpp"
#include "cdc/civil_time.hpp"
#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

using topology::time_unit;

constexpr std::string_view uuid_shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

bool parse_uuid(std::string_view text, silver::uuid_value& result) {
  if (text.size() != uuid_shape.size())
    return false;
  int digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (uuid_shape[i] == '-') {
      if (text[i] != '-')
        return false;
      continue;
    }
    const int digit = hex_value(text[i]);
    if (digit < 0)
      return false;
    auto& half = digits++ < 16 ? result.high : result.low;
    half = (half << 4U) | static_cast<std::uint64_t>(digit);
  }
  return true;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t result = 0;
  for (const char c : bytes)
    result = (result << 8U) | static_cast<unsigned char>(c);
  return result;
}

bool format_date(const scaled_number& milliseconds, std::string& text) {
  constexpr int128 limit = int128{1} << 62;
  if (milliseconds.what == scaled_number::fit::overflow
      || milliseconds.value > limit || milliseconds.value < -limit)
    return false;
  text = format_milliseconds(static_cast<std::int64_t>(milliseconds.value));
  return true;
}

} // namespace

conversion<std::string_view> to_text(const value& from, std::string& scratch) {
  switch (from.form) {
  case value_form::number:
    if (from.wrapped == wrapper::date) {
      const int digits = from.unit == time_unit::s ? 3 : 0;
      if (!format_date(scale_number(from.text, digits, rounding::down),
                       scratch))
        return {fit::out_of_range, from.text};
      return {fit::exact, scratch};
    }
    return {fit::exact, from.text};
  case value_form::string:
    if (from.wrapped == wrapper::date) {
      const auto time = parse_time(from.text);
      if (!time || time->what != point_in_time::form::finite)
        return {fit::wrong_type};
      if (!format_date(rescale(time->nanoseconds, 1, 1'000'000), scratch))
        return {fit::out_of_range, from.text};
      return {fit::exact, scratch};
    }
    return {fit::exact, from.text};
  case value_form::boolean:
    return {fit::exact, from.text};
  default:
    return {fit::wrong_type, {}, " (`raw: true` keeps its JSON text)"};
  }
}

conversion<silver::uuid_value> to_uuid(const value& from,
                                       std::string& scratch) {
  if (from.form != value_form::string)
    return {fit::wrong_type};
  if (from.wrapped == wrapper::uuid_bytes) {
    if (!decode_base64(from.text, scratch) || scratch.size() != 16)
      return {fit::bad_encoding};
    const std::string_view bytes = scratch;
    return {fit::exact,
            {big_endian(bytes.substr(0, 8)), big_endian(bytes.substr(8))}};
  }
  silver::uuid_value result;
  if (!parse_uuid(from.text, result))
    return {fit::wrong_type};
  return {fit::exact, result};
}

} // namespace sluice::cdc
