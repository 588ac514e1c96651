// Which Kafka a command talks to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "kafka/topics.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// The topology's brokers; for `embedded` those of the running node of the
/// pipeline (with that data directory, when one is given). Nothing is connected
/// to. The error is one line.
[[nodiscard]] tl::expected<kafka::broker_address, std::string>
find_brokers(const topology::topology& what,
             const std::optional<std::filesystem::path>& data);

} // namespace sluice::cli
