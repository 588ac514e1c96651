// The pipeline's control log, for a command that visits it.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "kafka/control_log.hpp"
#include "plan/table_controls.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// Opens the log; does not create it. The error is one line.
[[nodiscard]] tl::expected<std::unique_ptr<kafka::control_log>, std::string>
visit_controls(const kafka::broker_address& at, const topology::topology& what);

/// What was told of the tables so far; blocks until the log's end is reached.
/// Commands that cannot be read are passed over, as by the nodes.
[[nodiscard]] tl::expected<plan::table_controls, std::string>
read_controls(kafka::control_log& log);

/// Appends a command, and returns when all in-sync replicas have it. With an
/// error it may be in the log all the same.
[[nodiscard]] tl::expected<void, std::string>
tell(kafka::control_log& log, const plan::table_command& command);

/// Appends any record, as tell() does.
[[nodiscard]] tl::expected<void, std::string> append(kafka::control_log& log,
                                                     std::string record);

} // namespace sluice::cli
