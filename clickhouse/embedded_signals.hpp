// Keeps a library from changing how this process handles signals.
#pragma once

#include <array>
#include <csignal>

namespace sluice::clickhouse {

/// Remembers the handlers of all signals and puts them back when it goes out of
/// scope. (libchdb resets several to the default even when it is told not to
/// install handlers.) Not for use while another thread changes them.
class signal_dispositions {
public:
  signal_dispositions();
  ~signal_dispositions();
  signal_dispositions(const signal_dispositions&) = delete;
  signal_dispositions& operator=(const signal_dispositions&) = delete;

private:
  static constexpr int count_ = 65;
  std::array<struct sigaction, count_> saved_{};
  std::array<bool, count_> known_{};
};

} // namespace sluice::clickhouse
