// Blocks read back from their Native bytes, as people would write the values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "cdc/number.hpp"
#include "silver/block_builder.hpp"

namespace sluice::cdc_test {

/// Reads one block of revision 0; written from the format's description, apart
/// from the code that writes blocks.
class native_rows {
public:
  static std::vector<std::vector<std::string>>
  read(const silver::block& block,
       const std::vector<silver::block_column>& columns) {
    native_rows reader;
    for (const auto& piece : block.pieces())
      reader.bytes_.insert(reader.bytes_.end(), piece.begin(), piece.end());
    return reader.read_block(columns);
  }

private:
  using kind = silver::type_kind;

  std::vector<std::vector<std::string>>
  read_block(const std::vector<silver::block_column>& columns) {
    if (varuint() != columns.size())
      throw std::runtime_error("another number of columns");
    const auto rows = static_cast<std::size_t>(varuint());
    std::vector<std::vector<std::string>> result(rows);
    for (const auto& column : columns) {
      if (text() != column.name || text() != column.type.wire_name())
        throw std::runtime_error("another header: " + column.name);
      const auto values = read_column(column.type, rows);
      for (std::size_t row = 0; row < rows; ++row)
        result[row].push_back(values[row]);
    }
    if (at_ != bytes_.size())
      throw std::runtime_error("bytes left over");
    return result;
  }

  std::vector<std::string> read_column(const silver::column_type& type,
                                       std::size_t rows) {
    std::vector<bool> nulls(rows, false);
    if (type.nullable)
      for (std::size_t row = 0; row < rows; ++row)
        nulls[row] = take<std::uint8_t>() != 0;
    std::vector<std::string> values;
    if (type.kind == kind::array) {
      std::vector<std::uint64_t> ends;
      for (std::size_t row = 0; row < rows; ++row)
        ends.push_back(take<std::uint64_t>());
      const auto elements =
          read_column(*type.element,
                      ends.empty() ? 0 : static_cast<std::size_t>(ends.back()));
      std::size_t from = 0;
      for (const auto end : ends) {
        std::string list = "[";
        for (; from < end; ++from)
          list += (list.size() > 1 ? "," : "") + elements[from];
        values.push_back(list + "]");
      }
      return values;
    }
    for (std::size_t row = 0; row < rows; ++row) {
      auto value = read_value(type);
      values.push_back(nulls[row] ? "NULL" : value);
    }
    return values;
  }

  std::string read_value(const silver::column_type& type) {
    switch (type.kind) {
    case kind::boolean:
    case kind::uint8:
      return std::to_string(take<std::uint8_t>());
    case kind::int8:
      return std::to_string(take<std::int8_t>());
    case kind::int16:
      return std::to_string(take<std::int16_t>());
    case kind::uint16:
    case kind::date:
      return std::to_string(take<std::uint16_t>());
    case kind::int32:
    case kind::date32:
      return std::to_string(take<std::int32_t>());
    case kind::uint32:
    case kind::datetime:
      return std::to_string(take<std::uint32_t>());
    case kind::int64:
    case kind::datetime64:
      return std::to_string(take<std::int64_t>());
    case kind::uint64:
      return std::to_string(take<std::uint64_t>());
    case kind::float32:
      return std::to_string(take<float>());
    case kind::float64:
      return std::to_string(take<double>());
    case kind::string:
      return text();
    case kind::decimal:
      return decimal(type);
    case kind::uuid: {
      const auto high = take<std::uint64_t>();
      const auto low = take<std::uint64_t>();
      return hex(high) + hex(low);
    }
    case kind::array:
      break;
    }
    throw std::runtime_error("no such type");
  }

  std::string decimal(const silver::column_type& type) {
    const auto unscaled = type.precision <= 9    ? take<std::int32_t>()
                          : type.precision <= 18 ? take<std::int64_t>()
                                                 : take<cdc::int128>();
    auto rest = unscaled < 0 ? -unscaled : unscaled;
    std::string digits;
    for (int place = 0; rest != 0 || place <= type.scale; ++place) {
      if (place == type.scale && place != 0)
        digits.insert(digits.begin(), '.');
      digits.insert(digits.begin(), static_cast<char>('0' + rest % 10));
      rest /= 10;
    }
    return (unscaled < 0 ? "-" : "") + digits;
  }

  static std::string hex(std::uint64_t number) {
    std::string result;
    for (unsigned shift = 64; shift > 0; shift -= 4)
      result += "0123456789abcdef"[(number >> (shift - 4)) & 0xFU];
    return result;
  }

  template <class T>
  T take() {
    if (bytes_.size() - at_ < sizeof(T))
      throw std::runtime_error("block too short");
    T value{};
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }

  std::uint64_t varuint() {
    std::uint64_t result = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = take<std::uint8_t>();
      result |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80)
        return result;
    }
  }

  std::string text() {
    const auto size = static_cast<std::size_t>(varuint());
    if (bytes_.size() - at_ < size)
      throw std::runtime_error("block too short");
    const auto* const begin =
        reinterpret_cast<const char*>(bytes_.data()) + at_;
    at_ += size;
    return {begin, size};
  }

  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
};

} // namespace sluice::cdc_test
