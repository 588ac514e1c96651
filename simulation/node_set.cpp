#include "simulation/node_set.hpp"

#include <algorithm>

namespace sluice::simulation {

node& node_set::add(std::optional<int> instance) {
  nodes_.push_back(std::make_unique<node>(
      in_, static_cast<int>(nodes_.size()) + 1, instance));
  nodes_.back()->start();
  return *nodes_.back();
}

node* node_set::any_running() {
  std::vector<node*> candidates;
  for (const auto& each : nodes_)
    if (each->is_running() && !each->is_paused())
      candidates.push_back(each.get());
  if (candidates.empty())
    return nullptr;
  return candidates[in_.on.chance.below(candidates.size())];
}

std::size_t node_set::running() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      nodes_, [](const auto& each) { return each->is_running(); }));
}

void node_set::resume_all() {
  for (const auto& each : nodes_)
    if (each->is_paused())
      each->resume();
}

void node_set::appended(const kafka::topic_partition& where) {
  for (const auto& each : nodes_)
    if (each->is_alive())
      each->appended(where);
}

} // namespace sluice::simulation
