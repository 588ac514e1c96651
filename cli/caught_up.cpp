#include "cli/caught_up.hpp"

#include <algorithm>

namespace sluice::cli {

namespace {

const status::partition_report* find(const std::vector<status::report>& nodes,
                                     const kafka::topic_partition& where) {
  // While a partition moves both nodes may name it: the one further on has it.
  const status::partition_report* found = nullptr;
  for (const auto& node : nodes)
    for (const auto& each : node.partitions)
      if (each.topic == where.topic && each.partition == where.partition
          && (found == nullptr || each.committed > found->committed))
        found = &each;
  return found;
}

bool has_passed(const status::partition_report& partition,
                const kafka::log_bounds& goal) {
  using status::partition_state;
  if (partition.state == partition_state::recovering)
    return false;
  if (partition.committed >= goal.end || goal.start >= goal.end)
    return true;
  return partition.position >= goal.end && partition.lag == 0
         && partition.in_flight_bytes == 0;
}

std::string describe(const kafka::topic_partition& where,
                     const status::partition_report& partition,
                     const kafka::log_bounds& goal) {
  auto result = to_string(where) + " is "
                + std::string{to_string(partition.state)} + " at "
                + (partition.committed < 0
                       ? std::string{"no committed offset"}
                       : "offset " + std::to_string(partition.committed))
                + " of " + std::to_string(goal.end);
  if (!partition.reason.empty())
    result += ": " + partition.reason;
  return result;
}

} // namespace

std::vector<std::string> still_behind(const std::vector<status::report>& nodes,
                                      const log_goals& goals) {
  std::vector<std::string> result;
  if (nodes.empty())
    result.emplace_back("no node is running");
  if (goals.empty())
    result.emplace_back("no topic is known");
  for (const auto& node : nodes)
    if (!is_ready(node))
      result.push_back("node " + node.node.id + " is "
                       + std::string{to_string(node.health.state)});
  for (const auto& [where, goal] : goals) {
    const auto* partition = find(nodes, where);
    if (partition == nullptr)
      result.push_back(to_string(where) + " is not assigned to a node here");
    else if (!has_passed(*partition, goal))
      result.push_back(describe(where, *partition, goal));
  }
  return result;
}

bool caught_up_watch::observe(const std::vector<status::report>& nodes) {
  behind_ = still_behind(nodes, goals_);
  if (!behind_.empty()) {
    confirmed_.clear();
    return false;
  }
  std::map<std::string, status::instant> times;
  for (const auto& node : nodes)
    times.emplace(node.node.id, node.at);
  if (confirmed_.empty()) {
    confirmed_ = std::move(times);
    return false;
  }
  return std::ranges::all_of(times, [this](const auto& each) {
    const auto before = confirmed_.find(each.first);
    return before != confirmed_.end() && before->second < each.second;
  });
}

} // namespace sluice::cli
