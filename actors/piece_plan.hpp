// Which pieces of one cut's block are to be written: the whole block as a rule,
// and ever smaller pieces of it once ClickHouse refuses it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kafka/cut.hpp"

namespace sluice::actors {

/// A cut's rows in pieces [a, b), in offset order. A piece that is written
/// joins its written neighbours, so that what must be recorded stays small.
class piece_plan {
public:
  /// `offsets`: of the rows of the block, ascending, within `range`. `ends`:
  /// where the block is divided already, ascending, within `range`.
  piece_plan(const kafka::cut& range, std::vector<std::int64_t> offsets,
             std::span<const std::int64_t> ends);

  /// The first piece that is not written; std::nullopt: none is left.
  [[nodiscard]] std::optional<kafka::cut> next() const;
  /// Rows of a piece.
  [[nodiscard]] std::size_t rows(const kafka::cut& piece) const;
  /// Offset of the first row of a piece that has one.
  [[nodiscard]] std::int64_t first_row(const kafka::cut& piece) const;

  /// The piece is written, or its one row is quarantined.
  void finish(const kafka::cut& piece);
  /// Halves a piece of more than one row by its rows.
  void halve(const kafka::cut& piece);
  /// Where the block is to be divided now, ascending, without the cut's end.
  [[nodiscard]] std::vector<std::int64_t> ends() const;

private:
  struct part {
    kafka::cut range;
    bool finished = false;
  };
  [[nodiscard]] std::span<const std::int64_t>
  offsets_of(const kafka::cut& piece) const;

  std::vector<std::int64_t> offsets_;
  std::vector<part> parts_;
};

} // namespace sluice::actors
