// Whether nodes have written everything that lay on the topics at some moment.
// Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kafka/record.hpp"
#include "kafka/source.hpp"
#include "status/report.hpp"

namespace sluice::cli {

/// The logs as Kafka itself said at that moment: a node's own idea of them may
/// be a second old, and before the first assignment it has none.
using log_goals = std::map<kafka::topic_partition, kafka::log_bounds>;

/// What is still to be done, one line each; empty: every node is ready, every
/// partition is assigned to one of them, and its committed position (or, past
/// the gaps that transactions leave, its position with nothing in flight) has
/// passed its goal. No nodes and no goals are not enough.
[[nodiscard]] std::vector<std::string>
still_behind(const std::vector<status::report>& nodes, const log_goals& goals);

/// Says so only when two reports in a row of every node agree: `observe` is
/// called with each round of reports.
class caught_up_watch {
public:
  explicit caught_up_watch(log_goals goals) : goals_{std::move(goals)} {}

  /// True when this round and the one before it are caught up, with all reports
  /// new. Rounds whose reports have not changed are not counted.
  [[nodiscard]] bool observe(const std::vector<status::report>& nodes);
  /// What the last round that was observed still lacked.
  [[nodiscard]] const std::vector<std::string>& behind() const {
    return behind_;
  }

private:
  log_goals goals_;
  std::vector<std::string> behind_;
  /// Times of the reports of the last round that was caught up, by node.
  std::map<std::string, status::instant> confirmed_;
};

} // namespace sluice::cli
