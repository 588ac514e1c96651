// The state of the control log as a coordinator saves it in ClickHouse from
// time to time, so that a successor need not read the whole log, and the log
// may be short.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"

namespace sluice::gold {

inline constexpr std::string_view state_table = "_sluice_gold_state";

/// CREATE TABLE IF NOT EXISTS: a row for each pipeline, replaced when a newer
/// state is saved.
[[nodiscard]] std::string create_state(const std::string& database);

/// `text` is dirty_windows::snapshot() at this offset of the log. A state that
/// is older than the saved one changes nothing.
[[nodiscard]] std::optional<clickhouse::error>
save_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline, std::int64_t position,
           const std::string& text);

/// The newest state; empty: none was ever saved.
[[nodiscard]] tl::expected<std::string, clickhouse::error>
read_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline);

} // namespace sluice::gold
