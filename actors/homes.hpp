// Opens the outside parts of a node where the topology says they are: inside
// this process or anywhere else. Everything behind them is the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "clickhouse/endpoints.hpp"
#include "kafka/control_log.hpp"
#include "kafka/embedded_broker.hpp"
#include "kafka/leader_election.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

struct clickhouse_home {
  /// Declared first, closed last: the server uses it.
  std::shared_ptr<clickhouse::endpoint> endpoint;
  /// The embedded ClickHouse's HTTP interface; null for a real one.
  std::unique_ptr<clickhouse::http_server> server;
  std::string url;
  std::uint16_t port = 0;
};

/// The embedded ClickHouse lives in `data`/clickhouse. Does not connect to a
/// real one. Errors: one line for the user.
[[nodiscard]] tl::expected<clickhouse_home, std::string>
open_clickhouse(const topology::clickhouse& where,
                const std::filesystem::path& data);

struct kafka_home {
  /// Null for a real Kafka.
  std::unique_ptr<kafka::embedded_broker> broker;
  std::string brokers;
};

/// The embedded broker's journal lives in `data`/kafka; the topology's topics
/// are created there. Does not connect to a real one.
[[nodiscard]] tl::expected<kafka_home, std::string>
open_kafka(const topology::topology& what, const std::filesystem::path& data);

/// Opens the pipeline's control log on that Kafka, and makes it when it is
/// missing; blocks some seconds at most. Null: it is missing and cannot be
/// made, which is logged. The error: nothing is known, try again.
[[nodiscard]] tl::expected<std::unique_ptr<kafka::control_log>, std::string>
open_controls(const topology::topology& what, const kafka_home& kafka);

/// Takes part in the election of the node that runs gold; the callbacks are as
/// those of kafka::join_election.
[[nodiscard]] tl::expected<std::unique_ptr<kafka::leader_election>, std::string>
stand_for_election(const topology::topology& what, const kafka_home& kafka,
                   std::function<void(bool leads)> changed,
                   std::function<void(std::string reason)> trouble);

/// Creates the data directory and checks that it can be written to.
[[nodiscard]] tl::expected<void, std::string>
prepare_data_directory(const std::filesystem::path& data);

} // namespace sluice::actors
