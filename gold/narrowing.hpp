// Reading no more of the `over` table than a window needs.
//
// A run reads with FINAL, which must see every version of a key. An index over
// the event time tells where rows of the window are, but not where the other
// versions of their keys are: ClickHouse reads all granules whose keys overlap,
// and one small block with changes of rows of all ages overlaps the table. So
// the keys of the window's rows are asked for first, without FINAL, by that
// index; and the run reads these keys alone, by the sorting key.
//
// That changes no result where the SQL takes only rows of the window from the
// table: each of those has one of these keys. Whether it does is told by
// ClickHouse's plan of it. Where the plan does not say so, nothing is narrowed.
//
// Statements and the reading of their answers; what is sent when is
// gold/runner.cpp. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold::narrowing {

/// One line with the first column of the `over` table's sorting key, if the
/// table replaces rows and the column's type is one whose values are written
/// as they are shown (integers up to 64 bits, String, UUID).
[[nodiscard]] std::string key_question(const topology::gold& g,
                                       const std::string& database);

/// The plan of the rendered SQL. A subquery with one value is computed while it
/// is planned and is not in the plan: where it reads the `over` table, the
/// answer is an error.
[[nodiscard]] std::string plan_question(const topology::gold& g,
                                        const std::string& database,
                                        const std::string& rendered_sql);

/// Whether the answer to plan_question(), a row for each line, says that the
/// `over` table is read, and each time by both bounds of the window and by
/// nothing else of its event time, and that nothing but MergeTree tables is
/// read. ClickHouse before 25 does not tell: false.
[[nodiscard]] bool
reads_window_only(const std::vector<std::vector<std::string>>& plan,
                  const topology::gold& g, const std::string& database,
                  const window& what);

/// Least and greatest key of the window's rows in each granule, deleted and
/// replaced rows among them; one line more than filter() takes, if there are
/// more.
[[nodiscard]] std::string ranges_question(const topology::gold& g,
                                          const std::string& database,
                                          const std::string& key,
                                          const window& what);

/// The condition that `key` is in one of the ranges, as rows of two texts;
/// std::nullopt: there are none, or so many that they would exclude little.
[[nodiscard]] std::optional<std::string>
filter(const std::string& key,
       const std::vector<std::vector<std::string>>& ranges);

/// "\nSETTINGS ...", for the end of a SELECT: wherever the `over` table is read
/// in it, rows are left out that do not meet the condition.
[[nodiscard]] std::string clause(const topology::gold& g,
                                 const std::string& database,
                                 const std::string& condition);

} // namespace sluice::gold::narrowing
