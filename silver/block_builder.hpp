// Rows on their way into ClickHouse, column by column, in the bytes of the
// Native format: what a decoder appends is what the wire carries.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "silver/byte_buffer.hpp"
#include "silver/column_type.hpp"

namespace sluice::silver {

static_assert(std::endian::native == std::endian::little,
              "values are appended in the byte order of the Native format");

/// Name and type of one column of a block.
struct block_column {
  std::string name;
  column_type type;
};

/// Both halves as ClickHouse stores them (two little-endian UInt64, high
/// first).
struct uuid_value {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

/// Values of one column. Exactly one append per row; a fixed-width append must
/// have the type's C++ type (bool as std::uint8_t, DateTime64 as std::int64_t,
/// Decimal as the integer of its width, UUID as uuid_value), which is asserted
/// and, by its width, checked once more when the block is finished.
class column_buffer {
public:
  explicit column_buffer(const column_type& type);

  template <class T>
  void append(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    assert(sizeof value == width_);
    data_.append(value);
    end_value(false);
  }
  void append_string(std::string_view value) {
    auto* out = data_.room(value.size() + varuint_size_max);
    const auto prefix = write_varuint(out, value.size());
    if (!value.empty())
      std::memcpy(out + prefix, value.data(), value.size());
    data_.advance(prefix + value.size());
    end_value(false);
  }
  /// NULL. Throws std::logic_error for a type that is not Nullable.
  void append_null();
  /// 0, "", [] or, for a Nullable type, NULL.
  void append_default();
  /// Array: append elements to elements(), then end the row's array.
  [[nodiscard]] column_buffer& elements() { return *elements_; }
  void end_array();

  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Bytes that the values so far take in a block.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const column_type& type() const { return type_; }
  /// The values' bytes: one after the other, without NULL's map.
  [[nodiscard]] std::span<const std::byte> data() const { return data_.view(); }
  /// Of a Nullable column: one byte a row, 1 for NULL; else empty.
  [[nodiscard]] std::span<const std::byte> null_map() const {
    return null_map_.view();
  }

private:
  friend class block_builder;
  friend class block;

  /// LEB128 of 64 bits.
  static constexpr std::size_t varuint_size_max = 10;
  static std::size_t write_varuint(std::byte* out, std::uint64_t value) {
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7U)
      out[size++] = static_cast<std::byte>(value | 0x80U);
    out[size++] = static_cast<std::byte>(value);
    return size;
  }
  void end_value(bool null) {
    if (nullable_)
      null_map_.append(static_cast<std::uint8_t>(null ? 1 : 0));
    ++rows_;
  }
  void append_placeholder(bool null);
  void commit();
  void cut_back(std::size_t rows);
  void expect_capacity_of(const column_buffer& former);
  [[nodiscard]] bool consistent() const;
  void add_pieces(std::vector<std::span<const std::byte>>& pieces) const;

  column_type type_;
  /// Of type_, kept at hand; 0 for String and Array.
  std::size_t width_ = 0;
  bool nullable_ = false;
  std::size_t rows_ = 0;
  byte_buffer data_;     // values, contiguous
  byte_buffer null_map_; // Nullable only: one byte a row
  byte_buffer offsets_;  // Array only: cumulative ends, eight bytes a row
  std::unique_ptr<column_buffer> elements_;
  /// String: size of data_ at the last commit.
  std::size_t committed_bytes_ = 0;
};

/// A finished block: immutable, encoded without copying the columns again.
class block {
public:
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  /// Bytes in memory: what credit is counted in.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// The Native encoding (one block, revision 0: no block info) as pieces to
  /// be sent one after the other; valid as long as the block lives.
  [[nodiscard]] std::span<const std::span<const std::byte>> pieces() const {
    return pieces_;
  }
  /// "`name` Type, ..." as file() and input() take it, names quoted.
  [[nodiscard]] const std::string& structure() const { return structure_; }
  /// The values of an Int64 column, by row: a copy, for what is rare.
  [[nodiscard]] std::vector<std::int64_t>
  int64_values(std::size_t column) const;
  [[nodiscard]] const column_buffer& column(std::size_t index) const {
    return columns_[index];
  }
  /// The columns' names, in order.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

private:
  friend class block_builder;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  std::string structure_;
  std::vector<std::string> names_;
  std::vector<column_buffer> columns_;
  std::vector<std::byte> headers_;
  std::vector<std::span<const std::byte>> pieces_;
};

using block_ptr = std::shared_ptr<const block>;

/// Builds one block row by row. A row that cannot be finished is taken back
/// whole, so a bad record leaves no trace. Used by one thread at a time.
class block_builder {
public:
  explicit block_builder(std::vector<block_column> columns);

  [[nodiscard]] column_buffer& column(std::size_t index) {
    return columns_[index];
  }
  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  /// Finished rows.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Bytes of the values so far, an unfinished row included.
  [[nodiscard]] std::size_t bytes() const;

  /// Ends the row: every column has got exactly one more value (asserted).
  void commit_row();
  /// Takes back whatever was appended since the last commit_row().
  void rollback_row();
  /// The finished rows as a block (an unfinished one is taken back); the
  /// builder is empty afterwards and keeps room for as many rows. Throws
  /// std::logic_error when a column got more or fewer values than there are
  /// rows, or values of another width: such a block would shift data.
  [[nodiscard]] block_ptr finish();

private:
  std::vector<block_column> layout_;
  std::vector<column_buffer> columns_;
  /// Columns whose end cannot be computed from the number of rows.
  std::vector<std::size_t> variable_;
  std::size_t rows_ = 0;
};

} // namespace sluice::silver
