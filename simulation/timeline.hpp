// The clock and the scheduler of a schedule: everything that happens, in the
// actors and around them, happens on this one thread in virtual time.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <caf/all.hpp>

#include "simulation/random_source.hpp"

namespace caf::scheduler {
class test_coordinator;
} // namespace caf::scheduler

namespace sluice::simulation {

/// Which of several actors that could go on goes on next is chance, as it is on
/// a real scheduler; messages between two actors keep their order.
class timeline {
public:
  explicit timeline(random_source order);
  ~timeline();
  timeline(const timeline&) = delete;
  timeline& operator=(const timeline&) = delete;

  [[nodiscard]] caf::actor_system& system() { return system_; }
  [[nodiscard]] instant now() const;

  /// Calls `what` when `delay` has passed.
  void after(instant delay, std::function<void()> what);

  /// Registers a new actor as a part of `node`.
  template <class Handle>
  Handle adopt(int node, Handle actor) {
    adopt(node, actor->id(), actor.address());
    return actor;
  }
  /// A frozen node's actors do not run; what is sent to them waits.
  void freeze(int node) { frozen_.insert(node); }
  void thaw(int node) { frozen_.erase(node); }
  /// Ends all actors of a node at once, now and for good: none of them gets to
  /// clean anything up, and what they still spawn ends too.
  void kill(int node);

  /// Lets time pass until `end`, or until `done` says so between two moments.
  void run_until(instant end, const std::function<bool()>& done);
  /// Ends every actor and forgets every event; what the events and the actors
  /// refer to may go afterwards.
  void end();

private:
  struct test_config : caf::actor_system_config {
    test_config();
  };

  void adopt(int node, caf::actor_id id, const caf::actor_addr& address);
  void run_jobs();
  [[nodiscard]] bool run_one_job();
  [[nodiscard]] bool is_frozen(std::size_t job) const;
  void run_events();
  [[nodiscard]] instant next_moment(instant end) const;

  test_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point begin_;
  random_source order_;
  /// Events of one moment happen in the order in which they were planned.
  std::multimap<instant, std::function<void()>> events_;
  std::unordered_map<caf::actor_id, int> nodes_;
  std::multimap<int, caf::actor_addr> actors_;
  std::set<int> frozen_;
  std::set<int> killed_;
};

} // namespace sluice::simulation
