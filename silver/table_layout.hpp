// The columns of a silver table as they lie in ClickHouse and in its blocks:
// the topology's own and those by which Sluice knows every row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "silver/block_builder.hpp"
#include "silver/time_guard.hpp"
#include "topology/topology.hpp"

namespace sluice::silver {

/// Where a row comes from and, in a `latest` table, which row wins. They follow
/// the topology's columns in every block, in this order:
///   _partition Int32, _offset Int64, _epoch UInt16    always
///   _version UInt64, _deleted UInt8                   mode latest
/// After a deliberate restart of a partition the same offsets come again, so a
/// row's identity is (epoch, topic, partition, offset).
struct table_layout {
  topology::table table;
  /// Parsed types of table.columns, by index.
  std::vector<column_type> types;
  /// Columns of a block: those of table.columns that are read from the record,
  /// in order, then the row's own.
  std::vector<block_column> block_columns;
  /// For each block column that is read: its index in table.columns.
  std::vector<std::size_t> read_columns;
  std::size_t partition_column = 0;
  std::size_t offset_column = 0;
  std::size_t epoch_column = 0;
  std::optional<std::size_t> version_column;
  std::optional<std::size_t> deleted_column;
  /// Block columns of the table's key, in the key's order.
  std::vector<std::size_t> key_columns;
  /// What event times a row must have to be let in; whoever knows the golds
  /// adds them.
  std::vector<time_guard> time_guards = {};
  /// Columns of the topology that gold seeks rows by, beyond the sorting key:
  /// each has an index of its least and greatest values. lay_out() leaves it
  /// empty: who knows the golds fills it in.
  std::vector<std::string> sought_columns = {};
};

/// One mistake, in one line, and where it stands in the topology file.
struct layout_mistake {
  topology::position where;
  std::string message;
};

/// Lays out a validated table. All mistakes that the topology reader cannot
/// know come back, in file order: a type that is not supported, a key column
/// that is Nullable, an array or not read, `raw` on a column that is no String,
/// `unit` on a column that is no time, `on_invalid` where it means nothing, a
/// column named like one of the row's own, an `order_by` of a latest table that
/// is not its key, an engine outside the MergeTree family. (That `partition_by`
/// of a latest table is a function of its key is the topology reader's check.)
[[nodiscard]] tl::expected<table_layout, std::vector<layout_mistake>>
lay_out(const topology::table& table);

/// `_version` of a row: 16 bits epoch, 48 bits Kafka offset. Kafka's order is
/// the source's order for one key within one partition (docs/architecture.md).
[[nodiscard]] constexpr std::uint64_t row_version(std::uint16_t epoch,
                                                  std::int64_t offset) {
  constexpr std::uint64_t offset_mask = (std::uint64_t{1} << 48U) - 1;
  return (std::uint64_t{epoch} << 48U)
         | (static_cast<std::uint64_t>(offset) & offset_mask);
}

} // namespace sluice::silver
