// The node's newest report, for those who only look: the status server's
// threads read what the metrics actor writes.
#pragma once

#include <mutex>

#include "actors/wall_clock.hpp"
#include "status/report.hpp"

namespace sluice::actors {

/// Thread-safe.
class status_board {
public:
  explicit status_board(status::report first) : report_{std::move(first)} {}

  [[nodiscard]] status::report current() const {
    const std::lock_guard guard{mutex_};
    return report_;
  }
  /// Calls `change` with the report while nobody reads it.
  template <class Change>
  void update(Change change) {
    const std::lock_guard guard{mutex_};
    change(report_);
    report_.at = system_wall_clock();
  }

private:
  mutable std::mutex mutex_;
  status::report report_;
};

} // namespace sluice::actors
