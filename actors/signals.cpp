#include "actors/signals.hpp"

#include <csignal>
#include <ctime>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "actors/log.hpp"

namespace sluice::actors {

namespace {

sigset_t stop_signals() {
  sigset_t result;
  sigemptyset(&result);
  sigaddset(&result, SIGTERM);
  sigaddset(&result, SIGINT);
  return result;
}

} // namespace

void block_stop_signals() {
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that hangs up is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

bool wait_for_stop(std::chrono::milliseconds longest) {
  const auto signals = stop_signals();
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(longest);
  timespec limit{};
  limit.tv_sec = seconds.count();
  limit.tv_nsec = std::chrono::nanoseconds{longest - seconds}.count();
  return sigtimedwait(&signals, nullptr, &limit) > 0;
}

void end_at_next_stop(std::chrono::seconds deadline) {
  // Detached: it waits for what may never come.
  std::thread{[deadline] {
    const auto signals = stop_signals();
    timespec limit{};
    limit.tv_sec = deadline.count();
    const auto signal = sigtimedwait(&signals, nullptr, &limit);
    if (signal < 0)
      log_line("shutdown", "has had its time and ends here; what was in flight "
                           "is written again by the next owner");
    _exit(signal < 0 ? 1 : 128 + signal);
  }}.detach();
}

} // namespace sluice::actors
