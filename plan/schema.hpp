// What a topology needs in ClickHouse: its database, silver tables, gold tables
// and the ledger of gold runs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "silver/table_layout.hpp"
#include "topology/read.hpp"
#include "topology/topology.hpp"

namespace sluice::plan {

/// The silver tables' layouts by table name.
using layouts =
    std::map<std::string, std::shared_ptr<const silver::table_layout>>;

/// Lays out every table, with the guards of the golds that keep rows out;
/// mistakes of all tables and golds together, in file order.
[[nodiscard]] tl::expected<layouts, std::vector<topology::diagnostic>>
lay_out(const topology::topology& what);

/// Every statement for an empty ClickHouse, in order: database, silver, gold,
/// ledger. What `sluice apply --dry-run` prints.
[[nodiscard]] std::vector<std::string>
create_statements(const topology::topology& what, const layouts& tables);

/// Creates what is missing and adds missing columns. `on` must not need the
/// database to exist (its default database is another or none). Returns the
/// statements that were run beyond IF NOT EXISTS. The error says what could not
/// be done; with remedy `stop` for tables that cannot be brought to the
/// topology without losing data.
[[nodiscard]] tl::expected<std::vector<std::string>, clickhouse::error>
apply(clickhouse::client& on, const topology::topology& what,
      const layouts& tables);

} // namespace sluice::plan
