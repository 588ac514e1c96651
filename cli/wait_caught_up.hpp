// Waits until nodes have written what lies on their topics now.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "status/report.hpp"

namespace sluice::cli {

/// Asks for the reports of the nodes that are meant, round after round; nodes
/// that do not answer are left out.
using report_round = std::function<std::vector<status::report>()>;

/// Waits for a node to run, asks Kafka where its logs end, and waits until all
/// of it is committed, which is after ClickHouse has acknowledged it. What is
/// put onto the topics later is not waited for. Empty: done; else what was
/// missing when the time was over, one line each.
[[nodiscard]] std::vector<std::string>
wait_caught_up(const report_round& ask, std::chrono::milliseconds longest);

} // namespace sluice::cli
