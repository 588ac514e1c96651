// The nodes of a schedule, dead or alive: who is there to be killed, paused or
// asked to leave.
#pragma once

#include <memory>
#include <vector>

#include "simulation/node.hpp"

namespace sluice::simulation {

class node_set {
public:
  explicit node_set(cluster& in) : in_{in} {}

  /// Starts a node; `instance`: as a static member.
  node& add(std::optional<int> instance);
  /// One that runs and does not stand still; nullptr: there is none.
  [[nodiscard]] node* any_running();
  [[nodiscard]] std::size_t running() const;
  void resume_all();
  void appended(const kafka::topic_partition& where);

private:
  cluster& in_;
  /// Never removed: what they have sent may still be under way.
  std::vector<std::unique_ptr<node>> nodes_;
};

} // namespace sluice::simulation
