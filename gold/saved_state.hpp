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

struct saved_state {
  /// Of whoever saved it: greater than that of all before, even where the log
  /// was made anew and its offsets began again.
  std::int64_t term = 0;
  /// Offset of the first record that is not in it.
  std::int64_t position = 0;
  /// dirty_windows::snapshot(); empty: none was ever saved.
  std::string text;
  bool operator==(const saved_state&) const = default;
};

/// CREATE TABLE IF NOT EXISTS: a row for each pipeline, replaced when a newer
/// state is saved.
[[nodiscard]] std::string create_state(const std::string& database);

/// A state of an older term than the saved one changes nothing. Of one term,
/// save each after the one before.
[[nodiscard]] std::optional<clickhouse::error>
save_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline, const saved_state& state);

/// The newest state.
[[nodiscard]] tl::expected<saved_state, clickhouse::error>
read_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline);

} // namespace sluice::gold
