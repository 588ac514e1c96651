// Finds gold windows whose published rows are not those of their newest
// finished run, so that the coordinator runs them again (agenda::request with
// trigger "repair"). Causes: ClickHouse (not replicated) restarted between a
// REPLACE and the removal of the replaced parts, which brings the old rows back
// beside the new ones; a node that died before it wrote the outcome; a
// coordinator that stood still before its REPLACE while a newer one published,
// and then went on; a ClickHouse restored from a backup.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// The statement: seconds since 1970 of each such window's start, one a line.
[[nodiscard]] std::string find_unsound(const topology::gold& g,
                                       const std::string& database);

/// Windows with rows of more than one run, or of another run than the newest
/// finished one in the ledger (when it knows one). A window without rows is one
/// only if its newest run had some and an older one of its partition may have
/// emptied it since: one of another term that was under way beside it, one that
/// nobody has ended, or one that failed less than an hour before (its REPLACE
/// may have been late). Otherwise dropping old partitions by hand is the user's
/// right. Ask at start and about once a minute; not while a run of this gold is
/// under way. Reads two small columns.
[[nodiscard]] tl::expected<std::vector<window>, clickhouse::error>
find_unsound_windows(clickhouse::client& on, const std::string& database,
                     const topology::gold& g);

} // namespace sluice::gold
