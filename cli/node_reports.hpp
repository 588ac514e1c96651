// Asks running nodes for their reports.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/node_choice.hpp"
#include "status/report.hpp"

namespace sluice::cli {

struct node_reports {
  std::vector<status::report> reports;
  /// Nodes that did not answer, one line each with the address.
  std::vector<std::string> silent;
};

/// Fetches `address`/status. The error is one line with the address.
[[nodiscard]] tl::expected<status::report, std::string>
fetch_report(std::string address);

/// The report of every node of this machine that fits the wish. Blocks up to
/// five seconds a node. The error is one line.
[[nodiscard]] tl::expected<node_reports, std::string>
fetch_reports(const node_wish& wish);

} // namespace sluice::cli
