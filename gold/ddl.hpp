// The DDL of gold tables.
//
// A window is one ClickHouse partition, so that a run can replace it whole and
// at once. The row knows its window by a column that `SELECT *` does not show:
// `_window` is MATERIALIZED, and so is `_run`, the run that wrote the row. In
// the gold table itself their expressions are never used: rows come only by
// REPLACE PARTITION from a staging table of the same structure, in which the
// two expressions are the constants of that run. (REPLACE compares names and
// types of columns and the keys, not default expressions; measured on 23.10,
// 24.8 and 26.5.)
//
// A plain MergeTree does not write down that REPLACE removed the old parts:
// they lie on disk until the clean-up and come to life when the server restarts
// before it (measured on all three, after a clean stop as well). Hence
// `old_parts_lifetime = 0`, statements::forget_replaced after each REPLACE, and
// gold/repair.hpp for what a crash in between leaves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

struct table_column {
  std::string name;
  std::string type;
};

/// When the row was written: set by Sluice, in `SELECT *`; declared in the
/// topology only to choose its type or place (default: DateTime, last).
inline constexpr std::string_view updated_at_column = "_updated_at";
/// Hidden from `SELECT *`: the window's start and the run's id.
inline constexpr std::string_view window_column = "_window";
inline constexpr std::string_view run_column = "_run";

/// The columns that `SELECT *` shows, in order: as declared, with _updated_at.
[[nodiscard]] std::vector<table_column>
visible_columns(const topology::gold& g);

/// The columns that the gold's SQL has to yield: all visible ones but
/// _updated_at.
[[nodiscard]] std::vector<table_column> result_columns(const topology::gold& g);

/// CREATE TABLE IF NOT EXISTS of the gold table: MergeTree, PARTITION BY
/// _window, ORDER BY key (tuple() without one), one clause a line.
[[nodiscard]] std::string create_table(const topology::gold& g,
                                       const std::string& database);

/// CREATE TABLE of the staging table of one run.
[[nodiscard]] std::string create_staging(const topology::gold& g,
                                         const std::string& database,
                                         const std::string& staging,
                                         const window& what,
                                         const std::string& run_id);

/// A column that ClickHouse already has (system.columns: name, type).
struct existing_column {
  std::string name;
  std::string type;
};

/// What is wrong with the declared columns, one line each; empty: nothing.
/// Names that Sluice keeps for itself, a column declared twice, a key column
/// that is not declared, is Nullable or is _updated_at.
[[nodiscard]] std::vector<std::string> check_columns(const topology::gold& g);

/// The statements that bring an existing gold table to what is declared
/// (missing columns are added, in their place), or the reasons why that cannot
/// be done without losing data, one line each: a type or key that differs, a
/// table that is no gold table, a column that is no longer declared (a run
/// would have nothing to put there). `existing` has every column of the table,
/// hidden ones as well. `sorting_key` is system.tables' (std::nullopt: not
/// compared).
[[nodiscard]] tl::expected<std::vector<std::string>, std::vector<std::string>>
migrate_table(const topology::gold& g, const std::string& database,
              const std::vector<existing_column>& existing,
              const std::optional<std::string>& sorting_key = std::nullopt);

} // namespace sluice::gold
