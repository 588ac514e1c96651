// The state of a gold's windows, of what the ledger and the leading node say.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gold/ledger.hpp"
#include "status/report.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

struct listed_window {
  gold::window what;
  /// "final", "open" (it is not over yet), "dirty" (its rows have changed
  /// since), "waiting", "running", "retrying", "failed", "cut off" (its node
  /// has stopped).
  std::string state;
  std::uint64_t rows = 0;
  int attempt = 0;
  std::string trigger;
  std::optional<gold::instant> data_as_of;
  std::string error;
  bool operator==(const listed_window&) const = default;
};

/// Oldest first. `runs` are the newest of each window, of any gold; `leading`
/// is what the coordinator reports of this one, null when none answers.
[[nodiscard]] std::vector<listed_window>
list_windows(const topology::gold& of,
             const std::vector<gold::ledger_entry>& runs,
             const status::gold_report* leading, gold::instant now);

} // namespace sluice::cli
