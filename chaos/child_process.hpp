// A child process that cannot outlive this one, with its output in a file.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <tl/expected.hpp>

namespace sluice::chaos {

struct child_options {
  /// The program and its arguments.
  std::vector<std::string> command;
  /// Added to this process's environment: "NAME=value".
  std::vector<std::string> environment;
  /// Standard output and standard error are appended here.
  std::filesystem::path log;
};

/// Killed on destruction. In a session of its own, so that Ctrl-C on the
/// terminal reaches this process only. Movable; one thread at a time.
class child_process {
public:
  child_process() = default;
  /// Start it from a thread that lives as long as it shall: the kernel kills
  /// it when that thread ends. The error is one line.
  [[nodiscard]] static tl::expected<child_process, std::string>
  start(const child_options& options);

  ~child_process() { kill(); }
  child_process(child_process&& other) noexcept
      : pid_{std::exchange(other.pid_, -1)}, exit_{other.exit_} {}
  child_process& operator=(child_process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(exit_, other.exit_);
    return *this;
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool is_running();
  /// Exit code, or 128 + signal, once it has ended.
  [[nodiscard]] std::optional<int> exit_code() const { return exit_; }

  /// Sends a signal if it still runs.
  void signal(int number);
  /// Ends it as a power failure would, and waits until it is gone.
  void kill();
  /// SIGTERM, and kill() if it has not ended in time; whether it had.
  bool terminate(std::chrono::milliseconds deadline);

private:
  explicit child_process(pid_t pid) : pid_{pid} {}
  void reap(int status);

  pid_t pid_ = -1;
  std::optional<int> exit_;
};

} // namespace sluice::chaos
