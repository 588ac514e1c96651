#include "actors/log.hpp"

#include <chrono>
#include <cstdio>

#include <date/date.h>
#include <unistd.h>

namespace sluice::actors {

void log_line(std::string_view subject, std::string_view text) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  auto line = date::format("%FT%TZ ", now);
  line.append(subject).append(" ").append(text);
  for (auto& each : line)
    if (each == '\n' || each == '\r')
      each = ' ';
  line += '\n';
  // One write: lines of several threads do not mix. Nobody could be told that
  // it failed.
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace sluice::actors
