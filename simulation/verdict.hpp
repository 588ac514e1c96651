// Compares silver with what the topics say.
#pragma once

#include <string>
#include <vector>

#include "simulation/node.hpp"

namespace sluice::simulation {

/// Whether Kafka's committed offsets are at the ends of the logs with nothing
/// left to do.
[[nodiscard]] bool is_drained(const cluster& what);

/// Everything that is not as the model says: rows that are missing, doubled or
/// wrong, dead letters that are missing, offsets that are not at the end. One
/// line each.
[[nodiscard]] std::vector<std::string> judge(const cluster& what);

} // namespace sluice::simulation
