#include "clickhouse/embedded_signals.hpp"

namespace sluice::clickhouse {

signal_dispositions::signal_dispositions() {
  for (int number = 1; number < count_; ++number) {
    auto i = static_cast<std::size_t>(number);
    known_[i] = sigaction(number, nullptr, &saved_[i]) == 0;
  }
}

signal_dispositions::~signal_dispositions() {
  for (int number = 1; number < count_; ++number) {
    auto i = static_cast<std::size_t>(number);
    // SIGKILL, SIGSTOP and glibc's own two refuse it, and never change.
    if (known_[i])
      (void)sigaction(number, &saved_[i], nullptr);
  }
}

} // namespace sluice::clickhouse
