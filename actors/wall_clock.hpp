// The time of day, for those who must not ask for it themselves in a test.
#pragma once

#include <chrono>
#include <functional>

namespace sluice::actors {

/// Wall clock, UTC, milliseconds; a test has its own.
using wall_clock =
    std::function<std::chrono::sys_time<std::chrono::milliseconds>()>;

[[nodiscard]] inline std::chrono::sys_time<std::chrono::milliseconds>
system_wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

} // namespace sluice::actors
