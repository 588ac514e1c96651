// Topics of a broker: which there are, and making them.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::kafka {

struct topic_plan {
  std::string name = {};
  int partitions = 1;
  /// The topic's own settings (retention.ms ...), where it is created by
  /// ensure_topics; an embedded broker has none.
  std::map<std::string, std::string> settings = {};
};

class client;

/// How to reach a broker.
struct broker_address {
  /// host:port[,host:port...].
  std::string brokers = {};
  /// librdkafka settings passed through.
  std::map<std::string, std::string> properties = {};
};

/// Creates the topics that do not exist (with the broker's default
/// replication) and leaves the others as they are. Blocks up to three times
/// `deadline`. An embedded broker cannot create them (see
/// embedded_broker::create_topic): there a missing topic is an error at once.
[[nodiscard]] tl::expected<void, std::string>
ensure_topics(const broker_address& at, const std::vector<topic_plan>& topics,
              std::chrono::milliseconds deadline);

/// Partition counts of all topics that the user may see. Blocks up to
/// `deadline`. Never creates a topic.
[[nodiscard]] tl::expected<std::map<std::string, int>, std::string>
topic_partition_counts(const broker_address& at,
                       std::chrono::milliseconds deadline);

/// Whether a Sluice's embedded broker answers at this address: such a broker
/// keeps only about 5 MiB per partition, so `play` must wait for the readers.
[[nodiscard]] tl::expected<bool, std::string>
is_embedded_broker(const broker_address& at,
                   std::chrono::milliseconds deadline);

/// The same over a connection that is there; cheap once it was asked.
[[nodiscard]] tl::expected<bool, std::string>
is_embedded_broker(const client& link, std::chrono::milliseconds deadline);

} // namespace sluice::kafka
