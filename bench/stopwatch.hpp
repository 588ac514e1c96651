// Wall and CPU time of a piece of work.
#pragma once

#include <chrono>

namespace sluice::bench {

/// CPU seconds that all threads of this process have used so far.
[[nodiscard]] double process_cpu_seconds();

/// Runs, and stops, as often as wanted; the times add up.
class stopwatch {
public:
  void start() {
    began_ = std::chrono::steady_clock::now();
    cpu_began_ = process_cpu_seconds();
  }
  void stop() {
    cpu_seconds_ += process_cpu_seconds() - cpu_began_;
    seconds_ +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_)
            .count();
  }
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double cpu_seconds() const { return cpu_seconds_; }

private:
  std::chrono::steady_clock::time_point began_;
  double cpu_began_ = 0;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
};

} // namespace sluice::bench
