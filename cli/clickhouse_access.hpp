// How a command reaches the ClickHouse of a topology.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "plan/server_check.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// What to do when the embedded ClickHouse is not running and has no data yet.
enum class if_missing { refuse, create };

struct clickhouse_access {
  /// Keeps an embedded ClickHouse open; destroy it before main returns.
  plan::connector connect;
  /// For messages: "http://127.0.0.1:8123", "the data directory sluice-data".
  std::string name;
};

/// A real ClickHouse as the topology says. For `embedded`: the running node of
/// the pipeline (with that data directory, when one is given), over its HTTP
/// port; else the data directory itself: the one that is given, the default
/// one, or where that is missing the one of the pipeline's last node here.
/// Nothing is connected to yet. The error is one line.
[[nodiscard]] tl::expected<clickhouse_access, std::string>
find_clickhouse(const topology::topology& what,
                const std::optional<std::filesystem::path>& data,
                if_missing otherwise);

/// Opens an embedded ClickHouse of this process in `directory`.
[[nodiscard]] tl::expected<plan::connector, std::string>
open_embedded(const std::filesystem::path& directory);

} // namespace sluice::cli
