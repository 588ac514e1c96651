// Every statement that a gold run sends, as pure functions: what is sent in
// which order is gold/runner.cpp. They hold on ClickHouse 23.10, 24.8 and 26.5.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "clickhouse/client.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold::statements {

/// Prefix of every staging table.
inline constexpr std::string_view staging_prefix = "_sluice_gold_staging_";

/// Name of the staging table of one run, unique by the run's id.
[[nodiscard]] std::string staging_name(const topology::gold& g,
                                       const std::string& run_id);

/// ClickHouse's clock in milliseconds since 1970: one number.
[[nodiscard]] std::string server_clock();

/// Those of the tables that a gold names as its sources which have replicas,
/// one a line; empty: it names none.
[[nodiscard]] std::string replicated_sources(const topology::gold& g,
                                             const std::string& database);

/// Waits until this replica of a table has what was inserted into others
/// before; not for its merges.
[[nodiscard]] std::string sync_replica(const std::string& database,
                                       const std::string& table);

/// Names and types that the rendered SQL yields, one a line.
[[nodiscard]] std::string describe(const std::string& rendered_sql);

/// INSERT INTO staging (columns by name) SELECT ... FROM (the rendered SQL).
/// `sources` has the SQL's name of each of result_columns(g)
/// (match_result_columns). A number that does not fit an integer column is an
/// error, not another number.
[[nodiscard]] std::string
fill_staging(const topology::gold& g, const std::string& database,
             const std::string& staging, const std::string& rendered_sql,
             const std::vector<std::string>& sources, instant updated_at);

/// Settings of describe and fill_staging: final = 1, the gold's time zone (of
/// now(), of texts, of times that the SQL itself makes), the time limit, and no
/// silent 0 for a NULL. The time limit is in whole seconds, rounded up.
[[nodiscard]] clickhouse::settings
select_settings(const std::string& zone, std::chrono::milliseconds timeout);

/// Copies the other windows of the window's partition into the staging table,
/// with the runs that they are of, so that it replaces the whole partition.
/// After count_staging() and find_duplicate(); for golds whose partition holds
/// more than one window.
[[nodiscard]] std::string copy_others(const topology::gold& g,
                                      const std::string& database,
                                      const std::string& staging,
                                      const window& what);

/// One line: rows of the staging table.
[[nodiscard]] std::string count_staging(const std::string& database,
                                        const std::string& staging);

/// One line (rows, key as text) for one key that occurs more than once, or
/// nothing. Only for a gold with a key.
[[nodiscard]] std::string find_duplicate(const topology::gold& g,
                                         const std::string& database,
                                         const std::string& staging);

/// Publishes the window: all its old rows go and the staging table's come, at
/// once; an empty staging table empties the window.
[[nodiscard]] std::string replace_partition(const topology::gold& g,
                                            const std::string& database,
                                            const std::string& staging,
                                            const window& what);

/// Makes ClickHouse delete the replaced parts from disk now. Drops a partition
/// that never exists, which is what runs that clean-up.
[[nodiscard]] std::string forget_replaced(const topology::gold& g,
                                          const std::string& database);

[[nodiscard]] std::string drop_staging(const std::string& database,
                                       const std::string& staging);

/// Names of staging tables last changed more than `age` ago, one a line.
[[nodiscard]] std::string find_staging(const std::string& database,
                                       std::chrono::seconds age);

} // namespace sluice::gold::statements
