// `sluice chaos FILE`: chaos with real processes from the command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sluice::cli {

struct chaos_options {
  /// The topology file.
  std::string file;
  int rounds = 50;
  std::uint64_t seed = 1;
  std::size_t nodes = 3;
  /// Records a second, over all topics.
  int rate = 600;
  /// Where the report goes as JSON; empty: nowhere.
  std::string json;
  /// Empty: the topology's.
  std::string brokers;
  /// Shell command; empty: the broker stays up.
  std::string broker_restart;
  /// As parse_duration() takes it.
  std::string session_timeout = "6s";
  /// Parent of the run's directory; unset: the temporary one.
  std::optional<std::filesystem::path> data;
  bool keep = false;
};

/// Plays the rounds, prints the report and returns the exit code: 130 when it
/// was interrupted. Call while the process has one thread.
[[nodiscard]] int run_chaos(const chaos_options& options);

} // namespace sluice::cli
