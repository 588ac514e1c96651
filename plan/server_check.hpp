// Lets ClickHouse itself check what only it can: expressions, engines and the
// gold tables' SQL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clickhouse/client.hpp"
#include "plan/schema.hpp"

namespace sluice::plan {

struct server_findings {
  /// What ClickHouse refuses, with its words and the position of the table,
  /// column or gold, in file order.
  std::vector<topology::diagnostic> mistakes;
  /// What ClickHouse takes, but is hardly meant: of the golds' SQL
  /// (plan/gold_check.hpp).
  std::vector<topology::diagnostic> warnings;
  /// What could not be checked here and why, one line each.
  std::vector<std::string> unchecked;
};

/// Makes a connection whose default database is the given one.
using connector =
    std::function<std::unique_ptr<clickhouse::client>(const std::string&)>;

/// Creates every table in an empty ClickHouse that is thrown away afterwards,
/// checks `filter`, `computed` and `constant`, runs every gold for one window
/// over the empty tables, and looks at what its SQL reads and yields. Things
/// that only the user's own server has (Replicated engines, storage policies,
/// other databases) are left out or named in `unchecked`.
[[nodiscard]] server_findings check_on_server(const connector& scratch,
                                              const topology::topology& what,
                                              const layouts& tables);

/// ClickHouse's words without "Code: N. DB::Exception: " and the version.
[[nodiscard]] std::string plain_words(std::string_view message);

} // namespace sluice::plan
