// Whether anything is left to run in gold: reads the control log as a
// coordinator does.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "gold/dirty_windows.hpp"
#include "kafka/control_log.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// Thread-safe.
class gold_watch {
public:
  /// Opens the control log of the group of `what`; `create` as of
  /// kafka::control_log_options. Blocks up to ten seconds. The error is one
  /// line.
  [[nodiscard]] static tl::expected<std::unique_ptr<gold_watch>, std::string>
  open(const topology::topology& what, bool create);

  /// `golds` has those of `names`.
  gold_watch(std::vector<std::string> names, gold::dirty_windows golds,
             std::unique_ptr<kafka::control_log> log)
      : names_{std::move(names)}, golds_{std::move(golds)},
        log_{std::move(log)} {}

  /// Reads the log to its end. An embedded broker keeps only the newest
  /// megabytes, so call it every second. The error is one line: the broker did
  /// not answer (repeat), or records were gone before they were read.
  [[nodiscard]] tl::expected<void, std::string> read_on();

  /// Windows that have changed since their last finished run, as of the last
  /// read_on().
  [[nodiscard]] std::size_t dirty() const;

private:
  [[nodiscard]] tl::expected<bool, std::string> read_batch();

  std::vector<std::string> names_;
  mutable std::mutex mutex_; // guards all of the rest
  gold::dirty_windows golds_;
  std::unique_ptr<kafka::control_log> log_;
};

} // namespace sluice::chaos
