// Reads the questions of marks/look_back.hpp as ClickHouse would: strictly, so
// that SQL which asks for something else is a violation, not an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::simulation {

/// Which rows of a table.
struct row_condition {
  /// The column whose values are listed, or are those of a subquery; empty: by
  /// their place.
  std::string column;
  std::set<std::int64_t> values;
  /// By their place: half-open ranges of offsets, of which each must hold.
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;

  /// Whether it is about the place of a row.
  [[nodiscard]] bool is_by_place() const { return column.empty(); }
  [[nodiscard]] bool holds(std::int64_t offset) const;
};

struct table_rows {
  std::string table;
  /// The newest of each key only, and no deleted one.
  bool as_they_are = false;
  /// The statement says FINAL of it, which not every table takes.
  bool has_final = false;
  row_condition which;
};

/// "The times of these rows", each rounded down to a granule.
struct time_question {
  std::int64_t granule = 0;
  table_rows over;
  /// If there is a subquery, `over.which.column` has the values of
  /// `joined_column` in these rows.
  std::optional<table_rows> joined;
  std::string joined_column;
};

/// The error says what was expected where.
[[nodiscard]] tl::expected<time_question, std::string>
parse_time_question(std::string_view sql, std::string_view over_column);

} // namespace sluice::simulation
