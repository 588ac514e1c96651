// Compares gold with what its SQL yields in the end.
#pragma once

#include <string>
#include <vector>

#include "gold/dirty_windows.hpp"
#include "gold/schedule.hpp"
#include "simulation/node.hpp"

namespace sluice::simulation {

/// Reads the control log as a coordinator does, to know when nothing is left to
/// run.
class gold_watch {
public:
  explicit gold_watch(const cluster& what);

  /// Whether no window is due any more, now or later, and every window shows
  /// what its newest run published.
  [[nodiscard]] bool is_settled();
  /// Windows that are due, one line each.
  [[nodiscard]] std::vector<std::string> due();

private:
  void read_on();

  const cluster& what_;
  gold::dirty_windows log_;
  std::map<std::string, gold::schedule> refreshes_;
};

/// Every window that is not as a full recomputation would have it, one line
/// each: a window that is missing, there twice, stale, or should be none.
[[nodiscard]] std::vector<std::string> judge_golds(const cluster& what);

} // namespace sluice::simulation
