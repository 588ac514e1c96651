// Reads the records of a topic by the shapes of those before: what most records
// of a topic need, at a fraction of a parser's cost.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "cdc/column_plan.hpp"
#include "cdc/envelope.hpp"
#include "cdc/json_document.hpp"
#include "cdc/record_shape.hpp"
#include "cdc/value.hpp"
#include "topology/topology.hpp"

namespace sluice::cdc {

/// Knows several shapes (inserts and updates, with and without `before`, a
/// table before and after ALTER TABLE) and learns new ones; how much it spends
/// on learning is bounded by what it has saved. Used by one thread at a time.
class shape_reader {
public:
  /// Of a row's columns, whose plans must outlive it. Does nothing for tables
  /// with columns that need more than a scalar.
  shape_reader(const std::vector<column_plan>& columns,
               topology::record_format format);

  /// The operation of a record of a known shape, whose row column() then has.
  [[nodiscard]] std::optional<operation> read(std::string_view record);

  /// The index-th column, which must be of the row; after read() knew the
  /// record, and as long as it lives.
  [[nodiscard]] const value& column(std::size_t index) const {
    return found_[slots_[index]];
  }

  /// Takes in a record that read() did not know and that turned out to be a
  /// change with a row: `row` finds its columns' values in `document`.
  template <class Row>
  void learn(const json_document& document, const envelope& change,
             const Row& row) {
    if (!wants_to_learn())
      return;
    places_.clear();
    absent_.clear();
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (is_read(i) && !place(i, row.column(i)))
        return;
    take_in(document, change);
  }

private:
  [[nodiscard]] bool is_read(std::size_t index) const;
  [[nodiscard]] bool wants_to_learn();
  [[nodiscard]] bool place(std::size_t index, const value& found);
  void take_in(const json_document& document, const envelope& change);
  void keep(record_shape shape);

  static constexpr std::size_t most_shapes = 8;
  /// Records that must have been known to pay for learning one.
  static constexpr std::size_t price = 32;
  static constexpr std::size_t most_savings = 64 * price;

  const std::vector<column_plan>* columns_;
  bool can_read_;
  /// Of each column: the first one that reads the same member.
  std::vector<std::size_t> slots_;
  /// The last one that fitted first.
  std::vector<record_shape> shapes_;
  std::size_t savings_ = most_savings;
  std::vector<value> found_;
  std::vector<record_shape::place> places_;
  std::vector<std::size_t> absent_;
};

} // namespace sluice::cdc
