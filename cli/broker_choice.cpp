#include "cli/broker_choice.hpp"

#include "cli/node_choice.hpp"

namespace sluice::cli {

tl::expected<kafka::broker_address, std::string>
find_brokers(const topology::topology& what,
             const std::optional<std::filesystem::path>& data) {
  if (!what.kafka.is_embedded())
    return kafka::broker_address{what.kafka.brokers, what.kafka.properties};
  const auto node = find_only_node(what.pipeline, data);
  if (!node)
    return tl::unexpected(node.error());
  if (!*node || (*node)->kafka_brokers.empty())
    return tl::unexpected("the embedded Kafka of pipeline " + what.pipeline
                          + " lives in its node, and none is running here: "
                            "start one with `sluice run "
                          + what.file + "`");
  return kafka::broker_address{(*node)->kafka_brokers, {}};
}

} // namespace sluice::cli
