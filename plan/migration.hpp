// What lies between a ClickHouse as it is and what a topology needs.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "plan/schema.hpp"

namespace sluice::plan {

struct migration {
  /// What is missing, in the order of creation: "database commerce",
  /// "table users".
  std::vector<std::string> missing;
  /// Creates what is missing.
  std::vector<std::string> creations;
  /// Brings what is there to the topology without losing data.
  std::vector<std::string> changes;
};

/// Compares and changes nothing. `on` must not need the database to exist. The
/// error has remedy `stop` and every reason when some table cannot be brought
/// to the topology without losing data.
[[nodiscard]] tl::expected<migration, clickhouse::error>
plan_migration(clickhouse::client& on, const topology::topology& what,
               const layouts& tables);

/// Runs the creations, then the changes. All of them may be repeated.
[[nodiscard]] tl::expected<void, clickhouse::error>
migrate(clickhouse::client& on, const migration& plan);

} // namespace sluice::plan
