// Stands between the nodes and ClickHouse and does to their requests what
// networks, load balancers and overloaded servers do.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "chaos/fault_plan.hpp"

namespace sluice::chaos {

struct proxy_options {
  /// ClickHouse's HTTP port on the loopback.
  std::uint16_t upstream_port = 0;
  std::uint64_t seed = 0;
  /// How late a `late` statement arrives, at most.
  std::chrono::milliseconds late_by{3000};
  /// Called from a connection's thread for each INSERT that ClickHouse has
  /// acknowledged to the proxy, with its deduplication token.
  std::function<void(const std::string& token)> inserted = {};
  /// Every request, its fault and ClickHouse's answer are written here; empty:
  /// nowhere.
  std::filesystem::path log = {};
};

/// HTTP/1.1 on a free port of the loopback, one thread a connection; a whole
/// request and a whole answer are held in memory. All functions are
/// thread-safe. Destruction ends what is under way, but for `late` statements
/// that are waiting: those are dropped.
class fault_proxy {
public:
  [[nodiscard]] static tl::expected<std::unique_ptr<fault_proxy>, std::string>
  start(proxy_options options);

  virtual ~fault_proxy() = default;
  fault_proxy() = default;
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// So many requests of a hundred meet a fault from here on.
  virtual void set_rate(int percent) = 0;
  /// While stalled, requests are held before they reach ClickHouse.
  virtual void stall(bool on) = 0;
  /// How often each fault was played, by its number.
  [[nodiscard]] virtual std::array<std::uint64_t, fault_kinds>
  played() const = 0;
  /// Waits until no `late` statement is on its way.
  virtual void wait_for_late() = 0;
};

} // namespace sluice::chaos
