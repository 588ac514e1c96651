// One chaos run, from empty directories to the report.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "chaos/cluster.hpp"
#include "chaos/report.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

struct run_options {
  topology::topology what;
  /// The sluice program to run.
  std::filesystem::path program;
  /// Where everything of the run is kept; must exist and be empty.
  std::filesystem::path directory;
  /// Letters and digits that make the run's names its own.
  std::string run_name;
  int rounds = 50;
  std::uint64_t seed = 1;
  std::size_t nodes = 3;
  /// Records a second, over all topics.
  int rate = 600;
  /// Instead of the topology's; host:port[,host:port...].
  std::optional<std::string> brokers;
  /// A shell command that restarts the broker and returns when it is back;
  /// empty: the broker stays up.
  std::string broker_restart;
  std::chrono::milliseconds session_timeout{6000};
  waiting wait;
  /// Told what happens, one line each.
  std::function<void(const std::string&)> progress;
};

/// Starts everything, breaks things for so many rounds, heals, waits until all
/// is read, and compares. Call it from the main thread. An interruption ends
/// it soon, with the report so far. The error (nothing could be started) is
/// one line. Nothing that it started lives on.
[[nodiscard]] tl::expected<report, std::string>
run_chaos(const run_options& options);

} // namespace sluice::chaos
