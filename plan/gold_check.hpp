// What ClickHouse can tell of a gold's SQL beyond whether it runs: which tables
// it reads, whether it keeps to its window, whether a key can come twice.
#pragma once

#include <string>
#include <vector>

#include "clickhouse/client.hpp"
#include "clickhouse/endpoints.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::plan {

struct gold_findings {
  /// One line each: what is wrong and how to mend it. The gold runs all the
  /// same.
  std::vector<std::string> warnings;
  /// What could not be looked at, and why, one line each.
  std::vector<std::string> unchecked;
};

/// What keeps every run of a gold from going well, one line each, with
/// ClickHouse's words: SQL that does not parse or names what is not there,
/// columns that the gold table lacks or the SQL does. For the start of a node;
/// changes nothing. A ClickHouse that does not answer is no mistake of a gold,
/// and is not asked about the rest.
[[nodiscard]] std::vector<std::string>
refused_golds(clickhouse::endpoint& on, const topology::topology& what);

/// Looks at a gold whose SQL runs. `scratch` is an empty ClickHouse with all
/// tables of the topology, whose default database is the pipeline's: for a
/// moment a table with one row takes the place of the gold's `over` table.
/// `example` is one window of the gold.
[[nodiscard]] gold_findings check_gold(clickhouse::client& scratch,
                                       const topology::topology& what,
                                       const topology::gold& gold,
                                       const gold::window& example);

} // namespace sluice::plan
