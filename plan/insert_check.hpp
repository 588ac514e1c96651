// Whether a ClickHouse keeps the promises that exactly-once inserts rest on:
// pinned settings, and windows that recognise a repeated block.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "plan/insert_rate.hpp"
#include "topology/read.hpp"
#include "topology/topology.hpp"

namespace sluice::plan {

/// One line each; what, where, and how to mend it.
struct insert_findings {
  /// A node must not insert while one of these holds.
  std::vector<std::string> mistakes;
  /// What the user should know.
  std::vector<std::string> warnings;
};

/// Deduplication windows under `settings:` of a table that are smaller than
/// what may be in flight, at the position of the table, in file order. Pure.
[[nodiscard]] std::vector<topology::diagnostic>
check_window_settings(const topology::topology& what,
                      const partition_counts& counts);

/// Asks `on`, and changes nothing:
/// - whether the user's profile allows every setting that an INSERT pins
///   (clickhouse::insert_settings): a mistake if not;
/// - the deduplication windows of the silver tables that exist, as they are
///   there: a window smaller than the blocks in flight, or shorter than a
///   request, is a mistake; one that a request given up may outlive a warning;
/// - materialized views that the tables feed, through any number of steps: a
///   warning for each whose target has no window, because a repeated block
///   would be dropped by the table and still be written there.
/// Topics that nobody knows count as one partition. The error says why
/// ClickHouse could not be asked.
[[nodiscard]] tl::expected<insert_findings, clickhouse::error>
check_inserts(clickhouse::client& on, const topology::topology& what,
              const partition_counts& counts);

} // namespace sluice::plan
