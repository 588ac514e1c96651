// What `sluice gold run --dry-run` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clickhouse/client.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// Rows of the gold's `over` table, as they are now, by window, in the windows'
/// order (oldest first, at least one).
[[nodiscard]] tl::expected<std::vector<std::uint64_t>, clickhouse::error>
count_rows(clickhouse::client& on, const std::string& database,
           const topology::gold& gold,
           const std::vector<gold::window>& windows);

/// The SQL of the first window, how it is published, and all windows with
/// their rows. The error is one line: SQL that cannot be rendered.
[[nodiscard]] tl::expected<std::string, std::string>
dry_run_text(const topology::topology& what, const topology::gold& gold,
             const std::vector<gold::window>& windows,
             const std::optional<std::vector<std::uint64_t>>& rows);

} // namespace sluice::cli
