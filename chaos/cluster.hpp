// The processes of a chaos run: broker, ClickHouse, nodes. All of them are
// this program, started with another verb.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "chaos/child_process.hpp"
#include "kafka/topics.hpp"

namespace sluice::chaos {

/// Waits so long; true when the run is to end now (Ctrl-C).
using waiting = std::function<bool(std::chrono::milliseconds)>;

/// What an operation says when the run was interrupted meanwhile.
inline constexpr const char* interrupted_words = "interrupted";

/// A process that answers on a port; `life` is new with each start.
struct living {
  int life = 0;
  std::uint16_t port = 0;
};

/// Owns the processes; destruction kills them. One thread at a time (the one
/// that lives longest), but for living_nodes() and living_clickhouse().
class cluster {
public:
  /// `program` is the sluice to run; everything is kept under `directory`.
  cluster(std::filesystem::path program, std::filesystem::path directory,
          waiting wait)
      : program_{std::move(program)}, directory_{std::move(directory)},
        wait_{std::move(wait)} {}

  /// Starts `sluice kafka` with these topics; returns its address.
  [[nodiscard]] tl::expected<std::string, std::string>
  start_broker(const std::vector<kafka::topic_plan>& topics,
               const std::string& group);
  /// Starts `sluice clickhouse`, on the same port and data each time, and
  /// waits until it listens.
  [[nodiscard]] tl::expected<void, std::string> start_clickhouse();
  /// Starts a node; does not wait for it. Even numbers are static members of
  /// the group (they keep their partitions over a quick restart), odd ones are
  /// not.
  [[nodiscard]] tl::expected<void, std::string>
  start_node(std::size_t number, const std::filesystem::path& topology_file);
  /// Runs a command to its end. The error has the last line that it printed.
  [[nodiscard]] tl::expected<void, std::string>
  run(std::vector<std::string> command, const std::string& name,
      std::chrono::milliseconds deadline);
  /// The program itself, for run().
  [[nodiscard]] std::string program() const { return program_.string(); }

  void kill_node(std::size_t number);
  void signal_node(std::size_t number, int signal);
  /// SIGTERM, and a kill after the deadline; whether it had ended in time.
  bool end_node(std::size_t number, std::chrono::milliseconds deadline);
  void kill_clickhouse();
  [[nodiscard]] bool is_node_running(std::size_t number);
  /// What a node that has ended printed last.
  [[nodiscard]] std::string last_words(std::size_t number) const;

  [[nodiscard]] std::uint16_t clickhouse_port() const {
    return clickhouse_port_;
  }
  /// Thread-safe.
  [[nodiscard]] std::vector<living> living_nodes() const;
  [[nodiscard]] living living_clickhouse() const;

private:
  struct node {
    child_process process;
    std::uint16_t port = 0;
    int life = 0;
  };

  [[nodiscard]] std::filesystem::path log_of(const std::string& name) const;
  [[nodiscard]] child_options options(std::vector<std::string> arguments,
                                      const std::string& name) const;

  std::filesystem::path program_;
  std::filesystem::path directory_;
  waiting wait_;
  child_process broker_;
  child_process clickhouse_;
  std::uint16_t clickhouse_port_ = 0;
  int next_life_ = 1;
  mutable std::mutex mutex_; // guards what follows
  std::map<std::size_t, node> nodes_;
  int clickhouse_life_ = 0;
};

/// The last line of a text file; empty when it has none.
[[nodiscard]] std::string last_line(const std::filesystem::path& file);

} // namespace sluice::chaos
