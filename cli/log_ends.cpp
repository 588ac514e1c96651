#include "cli/log_ends.hpp"

#include <set>

#include "kafka/group_positions.hpp"
#include "plan/words.hpp"
#include "topology/read.hpp"

namespace sluice::cli {

pipeline_logs logs_of(const status::report& node) {
  pipeline_logs result;
  result.at.brokers = node.node.kafka_brokers;
  const auto topology = topology::read_file(node.node.topology_file,
                                            topology::process_environment());
  if (topology) {
    result.at.properties = topology->kafka.properties;
    result.topics = plan::topics_of(*topology);
    result.group = topology->kafka.group;
    return result;
  }
  result.group = node.node.pipeline;
  std::set<std::string> topics;
  for (const auto& partition : node.partitions)
    topics.insert(partition.topic);
  result.topics.assign(topics.begin(), topics.end());
  return result;
}

tl::expected<log_goals, std::string>
read_log_ends(const pipeline_logs& of, std::chrono::milliseconds deadline) {
  const auto counts = kafka::topic_partition_counts(of.at, deadline);
  if (!counts)
    return tl::unexpected(counts.error());
  // Only the logs are asked for: the group's name does not matter.
  const auto positions = kafka::group_positions::make(of.at, "sluice-cli");
  if (!positions)
    return tl::unexpected(positions.error());
  log_goals result;
  for (const auto& topic : of.topics) {
    const auto count = counts->find(topic);
    if (count == counts->end())
      return tl::unexpected("topic " + topic + " does not exist at "
                            + of.at.brokers);
    for (std::int32_t partition = 0; partition < count->second; ++partition) {
      const kafka::topic_partition where{topic, partition};
      const auto bounds = (*positions)->bounds(where);
      if (!bounds)
        return tl::unexpected(to_string(where) + ": " + bounds.error());
      result.emplace(where, *bounds);
    }
  }
  return result;
}

} // namespace sluice::cli
