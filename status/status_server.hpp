// The node's HTTP side: a page for people, JSON, Prometheus and probes.
//
//   /         readable page (no external assets, refreshes itself)
//   /status   the report as JSON
//   /metrics  Prometheus' text format
//   /healthz  200 while the process answers
//   /readyz   200, or 503 with one reason a line
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "status/report.hpp"

namespace sluice::status {

/// Where the server gets what it shows. Both are called from the server's own
/// threads, several at once; they must not block for long (hand out the latest
/// finished report rather than ask for one).
struct status_sources {
  std::function<report()> current_report;
  std::function<std::string()> metrics;
};

/// Serves until it is destroyed. An exception of a source is answered with 500
/// and its text.
class status_server {
public:
  /// Listens on host:port (0: any free one). The error is one line (port in use
  /// and how to choose another; address not of this machine).
  [[nodiscard]] static tl::expected<std::unique_ptr<status_server>, std::string>
  start(const std::string& host, std::uint16_t port, status_sources sources);

  /// Stops listening and waits for requests under way.
  virtual ~status_server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// "http://127.0.0.1:8125", for a wildcard address that of the loopback.
  [[nodiscard]] virtual std::string url() const = 0;
};

} // namespace sluice::status
