#include "silver/block_values.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "topology/sql_quoting.hpp"

namespace sluice::silver {

namespace {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

template <class T>
T value_at(std::span<const std::byte> data, std::size_t row) {
  T result;
  std::memcpy(&result, data.data() + row * sizeof result, sizeof result);
  return result;
}

std::int64_t floor_divided(std::int64_t value, std::int64_t divisor) {
  const auto quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

template <class T>
void read_all(std::span<const std::byte> data, std::int64_t divisor,
              std::vector<std::int64_t>& into) {
  for (std::size_t row = 0; row < into.size(); ++row)
    into[row] = floor_divided(static_cast<std::int64_t>(value_at<T>(data, row)),
                              divisor);
}

template <class T>
std::int64_t read_last(std::span<const std::byte> data) {
  return static_cast<std::int64_t>(value_at<T>(data.last(sizeof(T)), 0));
}

/// Of a DateTime64, whose scale is 0 to 9.
std::int64_t ticks_a_second(int scale) {
  constexpr std::array<std::int64_t, 10> powers_of_ten{
      1,       10,        100,        1'000,       10'000,
      100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  return powers_of_ten.at(static_cast<std::size_t>(scale));
}

std::string hexadecimal(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    result += digits[value >> 4U];
    result += digits[value & 0x0fU];
  }
  return result;
}

/// Both halves are little-endian, the text is big-endian.
std::string uuid_literal(std::span<const std::byte> bytes) {
  std::array<std::byte, 16> swapped{};
  for (std::size_t i = 0; i < 8; ++i) {
    swapped[i] = bytes[7 - i];
    swapped[8 + i] = bytes[15 - i];
  }
  auto text = hexadecimal(swapped);
  for (const auto at :
       {std::size_t{20}, std::size_t{16}, std::size_t{12}, std::size_t{8}})
    text.insert(at, "-");
  return "'" + text + "'";
}

std::string digits_of(int128 value) {
  if (value == 0)
    return "0";
  const auto negative = value < 0;
  auto left =
      negative ? -static_cast<uint128>(value) : static_cast<uint128>(value);
  std::string reversed;
  for (; left > 0; left /= 10)
    reversed += static_cast<char>('0' + static_cast<int>(left % 10));
  if (negative)
    reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

/// A number of `scale` decimals, as a text that ClickHouse casts exactly.
std::string with_point(std::string digits, int scale) {
  const auto negative = digits.starts_with('-');
  if (negative)
    digits.erase(0, 1);
  const auto decimals = static_cast<std::size_t>(scale);
  if (digits.size() <= decimals)
    digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0)
    digits.insert(digits.size() - decimals, ".");
  return (negative ? "-" : "") + digits;
}

std::string decimal_literal(const column_type& type,
                            std::span<const std::byte> bytes) {
  int128 value = 0;
  if (bytes.size() == sizeof(std::int32_t))
    value = value_at<std::int32_t>(bytes, 0);
  else if (bytes.size() == sizeof(std::int64_t))
    value = value_at<std::int64_t>(bytes, 0);
  else
    value = value_at<int128>(bytes, 0);
  return "CAST('" + with_point(digits_of(value), type.scale) + "', '"
         + "Decimal(" + std::to_string(type.precision) + ", "
         + std::to_string(type.scale) + ")')";
}

/// Floats and ticks as their bits: ClickHouse reads a float's text to the last
/// bit but one, and of seconds since 1970 as a text only some.
std::string fixed_literal(const column_type& type,
                          std::span<const std::byte> bytes) {
  switch (type.kind) {
  case type_kind::boolean:
  case type_kind::uint8:
    return std::to_string(value_at<std::uint8_t>(bytes, 0));
  case type_kind::int8:
    return std::to_string(value_at<std::int8_t>(bytes, 0));
  case type_kind::int16:
    return std::to_string(value_at<std::int16_t>(bytes, 0));
  case type_kind::uint16:
    return std::to_string(value_at<std::uint16_t>(bytes, 0));
  case type_kind::int32:
    return std::to_string(value_at<std::int32_t>(bytes, 0));
  case type_kind::uint32:
    return std::to_string(value_at<std::uint32_t>(bytes, 0));
  case type_kind::int64:
    return std::to_string(value_at<std::int64_t>(bytes, 0));
  case type_kind::uint64:
    return std::to_string(value_at<std::uint64_t>(bytes, 0));
  case type_kind::float32:
    return "reinterpretAsFloat32(toUInt32("
           + std::to_string(value_at<std::uint32_t>(bytes, 0)) + "))";
  case type_kind::float64:
    return "reinterpretAsFloat64(toUInt64("
           + std::to_string(value_at<std::uint64_t>(bytes, 0)) + "))";
  case type_kind::date:
    return "toDate(" + std::to_string(value_at<std::uint16_t>(bytes, 0)) + ")";
  case type_kind::date32:
    return "addDays(toDate32('1970-01-01'), "
           + std::to_string(value_at<std::int32_t>(bytes, 0)) + ")";
  case type_kind::datetime:
    return "toDateTime(" + std::to_string(value_at<std::uint32_t>(bytes, 0))
           + ", 'UTC')";
  case type_kind::datetime64:
    return "reinterpret(toInt64("
           + std::to_string(value_at<std::int64_t>(bytes, 0))
           + "), 'DateTime64(" + std::to_string(type.scale) + ", \\'UTC\\')')";
  case type_kind::decimal:
    return decimal_literal(type, bytes);
  case type_kind::uuid:
    return uuid_literal(bytes);
  case type_kind::string:
  case type_kind::array:
    break;
  }
  return "''";
}

/// Goes through the strings of a column from its beginning, forwards only.
class string_walk {
public:
  explicit string_walk(std::span<const std::byte> data) : rest_{data} {}

  std::string_view at(std::size_t row) {
    std::string_view result;
    for (; next_ <= row; ++next_)
      result = take();
    return result;
  }

private:
  std::string_view take() {
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = std::to_integer<std::size_t>(rest_.front());
      rest_ = rest_.subspan(1);
      size |= (byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0)
        break;
    }
    const auto bytes = rest_.first(size);
    rest_ = rest_.subspan(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::span<const std::byte> rest_;
  std::size_t next_ = 0;
};

} // namespace

bool holds_time(const column_type& type) {
  return holds_days(type) || type.kind == type_kind::datetime
         || type.kind == type_kind::datetime64;
}

bool holds_days(const column_type& type) {
  return type.kind == type_kind::date || type.kind == type_kind::date32;
}

std::vector<std::int64_t> moments_of(const block& rows, std::size_t column) {
  std::vector<std::int64_t> result(rows.rows());
  const auto& from = rows.column(column);
  const auto data = from.data();
  switch (from.type().kind) {
  case type_kind::date:
    read_all<std::uint16_t>(data, 1, result);
    break;
  case type_kind::date32:
    read_all<std::int32_t>(data, 1, result);
    break;
  case type_kind::datetime:
    read_all<std::uint32_t>(data, 1, result);
    break;
  case type_kind::datetime64:
    read_all<std::int64_t>(data, ticks_a_second(from.type().scale), result);
    break;
  default:
    std::ranges::fill(result, no_time);
  }
  const auto nulls = from.null_map();
  for (std::size_t row = 0; row < nulls.size(); ++row)
    if (nulls[row] != std::byte{0})
      result[row] = no_time;
  return result;
}

std::int64_t last_moment_of(const column_buffer& column) {
  const auto nulls = column.null_map();
  if (!nulls.empty() && nulls.back() != std::byte{0})
    return no_time;
  const auto data = column.data();
  switch (column.type().kind) {
  case type_kind::date:
    return read_last<std::uint16_t>(data);
  case type_kind::date32:
    return read_last<std::int32_t>(data);
  case type_kind::datetime:
    return read_last<std::uint32_t>(data);
  case type_kind::datetime64:
    return floor_divided(read_last<std::int64_t>(data),
                         ticks_a_second(column.type().scale));
  default:
    return no_time;
  }
}

std::span<const std::byte> flags_of(const block& rows, std::size_t column) {
  return rows.column(column).data();
}

std::vector<std::string> literals_of(const block& rows,
                                     std::span<const std::size_t> columns,
                                     std::span<const std::size_t> which) {
  std::vector<std::string> result(which.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = rows.column(columns[i]);
    const auto width = column.type().width();
    string_walk texts{column.data()};
    for (std::size_t k = 0; k < which.size(); ++k) {
      auto& into = result[k];
      if (columns.size() > 1)
        into += i == 0 ? '(' : ',';
      into +=
          width == 0
              ? topology::quote_literal(texts.at(which[k]))
              : fixed_literal(column.type(),
                              column.data().subspan(which[k] * width, width));
      if (columns.size() > 1 && i + 1 == columns.size())
        into += ')';
    }
  }
  return result;
}

} // namespace sluice::silver
