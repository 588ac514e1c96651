// Runs one gold window against ClickHouse.
//
//   ledger: begin ─► staging table ─► INSERT ... SELECT ─► checks
//     ─► REPLACE PARTITION ─► forget the replaced parts ─► drop staging
//     ─► ledger: outcome
//
// Whatever fails, the window shows its old result or the new one, whole, and a
// repeated run puts it right. Calls block; run them on a thread of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "gold/ledger.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

struct run_request {
  window what;
  int attempt = 1;
  std::string trigger;
  /// Unique for ever: make_run_id().
  std::string run_id;
  /// Name of this node, for the ledger.
  std::string node;
};

struct run_result {
  std::uint64_t rows = 0;
  /// ClickHouse's clock before the SELECT.
  instant data_as_of{};
  std::chrono::milliseconds duration{0};
  /// What went wrong after the result was published (staging table not
  /// dropped, ledger not written), in one line; empty: nothing. The window
  /// is right all the same.
  std::string warning;
};

/// "20260221T000000123-5f3a9c01": sorts by time, unique by 32 random bits.
[[nodiscard]] std::string make_run_id(instant now);

/// "t0000000000000123-00000045": the run that a coordinator began in a term.
/// Sorts by term and count, and behind all of the other form, so that the
/// newest run of a window is the one whose id is greatest, whatever the clocks
/// of the nodes say.
[[nodiscard]] std::string make_run_id(std::int64_t term, std::uint64_t count);

/// The id of a run that nobody has ordered, begun while no coordinator leads:
/// behind `newest`, the greatest of its gold, and before the next term's.
[[nodiscard]] std::string make_run_id_after(std::string_view newest,
                                            instant now);

/// Of a run's id; -1: it has none.
[[nodiscard]] std::int64_t term_of(std::string_view run_id);

/// Runs one window. The gold table and the ledger exist (create_table,
/// create_ledger). The client's database must be `database`, which the gold's
/// SQL refers to by unqualified names.
///
/// An error means that the run failed: nothing was published, unless
/// `outcome_unknown` is set (the answer to REPLACE PARTITION was lost). The
/// failure is recorded in the ledger if that can be reached, and the staging
/// table dropped if it can be (else sweep_staging finds it). A window outside
/// of 1970..2106, a result whose columns differ from the declared ones, and a
/// key that occurs twice are errors with remedy `stop` or `reject` and a line
/// for people. `clock` is the node's, for the ledger and the duration.
[[nodiscard]] tl::expected<run_result, clickhouse::error>
run_window(clickhouse::client& on, const std::string& database,
           const topology::gold& g, const run_request& request,
           const std::function<instant()>& clock);

/// Drops staging tables that crashed runs left, older than `age` (longer than
/// any run's timeout; zero when no other node can be running one). Returns how
/// many.
[[nodiscard]] tl::expected<std::size_t, clickhouse::error>
sweep_staging(clickhouse::client& on, const std::string& database,
              std::chrono::seconds age);

} // namespace sluice::gold
