// Rows on their way into ClickHouse, column by column, in the bytes of the
// Native format: what a decoder appends is what the wire carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "silver/column_type.hpp"

namespace sluice::silver {

/// Name and type of one column of a block.
struct block_column {
  std::string name;
  column_type type;
};

/// Values of one column. Exactly one append per row; a fixed-width append must
/// have the type's C++ type (bool as std::uint8_t, DateTime64 as std::int64_t,
/// Decimal as the integer of its width, UUID as uuid_value), which is asserted.
class column_buffer {
public:
  explicit column_buffer(const column_type& type);

  template <class T>
  void append(T value) {
    append_fixed(&value, sizeof value);
  }
  void append_string(std::string_view value);
  /// NULL; only for a Nullable type.
  void append_null();
  /// 0, "", [] or, for a Nullable type, NULL.
  void append_default();
  /// Array: append elements to elements(), then end the row's array.
  [[nodiscard]] column_buffer& elements() { return *elements_; }
  void end_array();

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const column_type& type() const { return type_; }

private:
  friend class block_builder;
  friend class block;
  struct mark {
    std::size_t rows, data, elements_rows, elements_data;
  };
  void append_fixed(const void* value, std::size_t size);
  [[nodiscard]] mark here() const;
  void cut_back(const mark& to);

  column_type type_;
  std::size_t rows_ = 0;
  std::vector<std::byte> data_;        // values, contiguous
  std::vector<std::uint8_t> null_map_; // Nullable only
  std::vector<std::uint64_t> offsets_; // Array only: cumulative ends
  std::unique_ptr<column_buffer> elements_;
};

/// Both halves as ClickHouse stores them (two little-endian UInt64, high first).
struct uuid_value {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
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
  /// `name Type, ...` as file() and input() take it.
  [[nodiscard]] const std::string& structure() const { return structure_; }
  /// The columns' names, in order.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

private:
  friend class block_builder;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  std::string structure_;
  std::vector<std::string> names_;
  std::vector<column_buffer> columns_;
  std::vector<std::vector<std::byte>> headers_;
  std::vector<std::span<const std::byte>> pieces_;
};

using block_ptr = std::shared_ptr<const block>;

/// Builds one block row by row. A row that cannot be finished is taken back
/// whole, so a bad record leaves no trace.
class block_builder {
public:
  explicit block_builder(std::vector<block_column> columns);

  [[nodiscard]] column_buffer& column(std::size_t index) {
    return columns_[index];
  }
  [[nodiscard]] std::size_t columns() const { return columns_.size(); }
  /// Finished rows.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t bytes() const;

  /// Ends the row: every column has got exactly one more value (asserted).
  void commit_row();
  /// Takes back whatever was appended since the last commit_row().
  void rollback_row();
  /// The finished rows as a block; the builder is empty afterwards and keeps
  /// room for as many rows.
  [[nodiscard]] block_ptr finish();

private:
  std::vector<block_column> layout_;
  std::vector<column_buffer> columns_;
  std::vector<column_buffer::mark> marks_;
  std::size_t rows_ = 0;
};

} // namespace sluice::silver
