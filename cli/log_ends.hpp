// Where the logs of a pipeline's topics end now, as Kafka says.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/caught_up.hpp"
#include "kafka/topics.hpp"

namespace sluice::cli {

/// Which topics, and how to reach the broker that has them.
struct pipeline_logs {
  kafka::broker_address at;
  std::vector<std::string> topics;
  /// The consumer group that reads them.
  std::string group;
  bool operator==(const pipeline_logs& other) const {
    return at.brokers == other.at.brokers
           && at.properties == other.at.properties && topics == other.topics
           && group == other.group;
  }
};

/// What a node reads. Its topology file (with this process's environment) says
/// which topics and with which credentials; when that cannot be read, the
/// topics of the partitions that it has, and no credentials.
[[nodiscard]] pipeline_logs logs_of(const status::report& node);

/// The bounds of every partition of the topics. Blocks up to `deadline` and
/// some seconds. The error is one line; a topic that does not exist is one.
[[nodiscard]] tl::expected<log_goals, std::string>
read_log_ends(const pipeline_logs& of, std::chrono::milliseconds deadline);

} // namespace sluice::cli
