// The ledger of gold runs: a ClickHouse table that users can query. Each run is
// one row; its begin is written before anything else and its outcome replaces
// that (ReplacingMergeTree, so read it with FINAL).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "gold/window.hpp"

namespace sluice::gold {

inline constexpr std::string_view ledger_table = "_sluice_gold_runs";

enum class run_state {
  /// Begun; a run that is still so when no node runs it was cut off.
  running,
  done,
  failed,
};

/// "running", "done", "failed".
[[nodiscard]] std::string_view to_string(run_state state);

struct ledger_entry {
  std::string gold;
  window what;
  std::string run_id;
  int attempt = 1;
  std::string trigger;
  run_state state = run_state::running;
  instant started_at{};
  std::chrono::milliseconds duration{0};
  std::uint64_t rows = 0;
  /// ClickHouse's clock before the SELECT: every row acknowledged before it is
  /// in the result.
  std::optional<instant> data_as_of;
  std::string error;
  std::string node;
};

/// CREATE TABLE IF NOT EXISTS of the ledger.
[[nodiscard]] std::string create_ledger(const std::string& database);

/// INSERT of one entry (as INSERT ... SELECT, which every home accepts).
[[nodiscard]] std::string insert_entry(const std::string& database,
                                       const ledger_entry& entry);

/// The statements of the two functions below, without FORMAT.
[[nodiscard]] std::string select_newest_runs(const std::string& database);
[[nodiscard]] std::string select_runs(const std::string& database,
                                      const std::string& gold,
                                      std::size_t limit);

/// The entry of each window of each gold whose run id is greatest, by gold and
/// window.
[[nodiscard]] tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_newest_runs(clickhouse::client& from, const std::string& database);

/// The newest `limit` entries, newest first, of one gold or (empty) of all:
/// what `sluice gold ledger` shows.
[[nodiscard]] tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_ledger(clickhouse::client& from, const std::string& database,
            const std::string& gold, std::size_t limit);

/// Of the windows in [from, to): for each the newest run that has seen what
/// ClickHouse had at `since`, by its own clock, or that began since then and
/// has not looked yet. By window.
[[nodiscard]] std::string select_runs_since(const std::string& database,
                                            const std::string& gold,
                                            const window& range, instant since);
[[nodiscard]] tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_runs_since(clickhouse::client& from, const std::string& database,
                const std::string& gold, const window& range, instant since);

} // namespace sluice::gold
