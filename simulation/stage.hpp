// What the simulated parts share: time, chance, the odds of each fault, and
// where to say what happened.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/timeline.hpp"
#include "simulation/trace.hpp"

namespace sluice::simulation {

/// How likely each fault is, each time it could happen. All zero: the world is
/// healthy.
struct odds {
  // Of a commit.
  double commit_lost = 0;
  double commit_reply_lost = 0;
  double commit_slow = 0;
  // Of an insert whose outcome the client does not learn.
  double insert_lost = 0;
  double insert_reply_lost = 0;
  double insert_done_later = 0;
  double insert_failed_inside = 0;
  // Of an insert that ClickHouse refuses, before it looks at the token ...
  double too_many_parts = 0;
  double out_of_memory = 0;
  // ... or in the middle, between two of its partitions.
  double insert_torn = 0;
  // Of a dead letter.
  double letter_lost = 0;
  double letter_reply_lost = 0;
  /// Of a fetch that takes seconds.
  double fetch_slow = 0;
  // Of a record of the control log.
  double append_lost = 0;
  double append_reply_lost = 0;
  double append_late = 0;
  double append_doubled = 0;
  // Of a gold run: its SELECT fails; what it replaced is kept, and comes back
  // when ClickHouse is killed.
  double select_failed = 0;
  double parts_back = 0;
};

/// How often each fault and each mechanism was seen, by name.
using tally = std::map<std::string, std::uint64_t, std::less<>>;

/// What the nodes' clocks show when a schedule begins: a little before a full
/// hour.
inline constexpr std::chrono::sys_time<std::chrono::milliseconds>
    wall_clock_start{std::chrono::sys_days{std::chrono::year{2026} / 2 / 20}
                     + std::chrono::hours{12} - std::chrono::seconds{10}};

/// One per schedule, alive until its last actor is gone.
struct stage {
  stage(std::uint64_t seed, std::ostream* trace_to)
      : chance{seed}, time{chance.split()}, out{trace_to} {
    out.watch([this] { return time.now(); });
  }

  /// Whether a fault happens now; it is counted under `name`.
  [[nodiscard]] bool strikes(double likely, const char* name) {
    if (likely <= 0 || !chance.chance(likely))
      return false;
    ++counts[name];
    return true;
  }
  /// The product did what it must never do.
  void violate(const std::string& what) {
    out.line("VIOLATION", [&] { return what; });
    violations.push_back(what);
  }
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> wall() const {
    return wall_clock_start
           + std::chrono::floor<std::chrono::milliseconds>(time.now());
  }
  /// A short way over the network.
  [[nodiscard]] instant hop() {
    return chance.within(std::chrono::microseconds{200},
                         std::chrono::milliseconds{20});
  }

  random_source chance;
  timeline time;
  trace out;
  odds faults;
  tally counts;
  std::vector<std::string> violations;
};

} // namespace sluice::simulation
