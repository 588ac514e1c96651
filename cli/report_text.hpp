// A node's report as text for people. Pure.
#pragma once

#include <string>

#include "status/report.hpp"

namespace sluice::cli {

/// Node, addresses, health, tables, partitions with lag, gold windows,
/// restarts. Ages are counted up to `of.at`. Ends with a line feed.
[[nodiscard]] std::string report_text(const status::report& of);

} // namespace sluice::cli
