// One connection through the fault proxy, and what all connections share.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

#include "chaos/fault_plan.hpp"
#include "chaos/fault_proxy.hpp"
#include "chaos/socket.hpp"

namespace sluice::chaos {

/// The proxy's state: thread-safe.
class proxy_gate {
public:
  explicit proxy_gate(proxy_options options)
      : options_{std::move(options)}, plan_{options_.seed} {
    if (!options_.log.empty())
      log_.open(options_.log, std::ios::binary);
  }

  [[nodiscard]] const proxy_options& options() const { return options_; }
  void set_rate(int percent);
  void stall(bool on);
  void stop();
  [[nodiscard]] bool is_stopped() const { return stopped_; }

  /// Waits while the proxy is stalled, then chooses and counts the fault.
  [[nodiscard]] fault admit(const request_facts& request);
  /// Waits; false when the proxy is stopped meanwhile.
  bool pause(std::chrono::milliseconds duration);
  [[nodiscard]] std::array<std::uint64_t, fault_kinds> played() const;

  /// One line for the log of requests: what was done with which.
  void note(std::string_view done, std::string_view with);

  void late_begins() { ++late_; }
  void late_ends() { --late_; }
  [[nodiscard]] int late_statements() const { return late_; }

private:
  proxy_options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  fault_plan plan_;
  std::ofstream log_;
  std::array<std::uint64_t, fault_kinds> played_{};
  bool stalled_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> late_ = 0;
};

/// The next connection of a socket that listens and is readable.
[[nodiscard]] socket_handle accept_connection(const socket_handle& listening);

/// Forwards requests until either side closes, a fault ends the connection, or
/// the proxy is stopped.
void serve_connection(socket_handle from, proxy_gate& gate);

} // namespace sluice::chaos
