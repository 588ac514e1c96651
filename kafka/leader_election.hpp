// Which node leads: the owner of the control log's one partition, by Kafka's
// own group protocol.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "kafka/topics.hpp"

namespace sluice::kafka {

struct election_options {
  /// Of its properties `session.timeout.ms`, `heartbeat.interval.ms`,
  /// `max.poll.interval.ms`, `partition.assignment.strategy` and
  /// `group.instance.id` have no effect here: they are for the group that reads
  /// the data.
  broker_address at = {};
  /// See coordinator_group(). Nobody else may be a member of it.
  std::string group = {};
  /// Its partition 0 is the office; further ones mean nothing. A topic that
  /// does not exist yet is joined when it appears.
  std::string topic = {};
  std::string client_id = "sluice";
  /// After this long without a sign of life another member leads. Brokers
  /// refuse less than 6 s (group.min.session.timeout.ms).
  std::chrono::milliseconds session_timeout{10'000};
  /// At most a third of it.
  std::chrono::milliseconds heartbeat{3'000};
};

/// This process's part in the election. Destruction gives the lead up (the
/// callback hears false), then leaves the group, so that another member leads
/// at once; it takes milliseconds, and at most some 3 s when a rebalance is
/// under way or no broker answers.
/// No callback is called afterwards. Not to be destroyed from a callback.
class leader_election {
public:
  virtual ~leader_election() = default;
  leader_election() = default;
  leader_election(const leader_election&) = delete;
  leader_election& operator=(const leader_election&) = delete;
};

/// `<group>.coordinator`.
[[nodiscard]] std::string coordinator_group(const std::string& group);

/// Joins and returns at once. Fails only for settings that librdkafka refuses,
/// in one line.
///
/// `changed` hears each change, beginning from "does not lead": true when the
/// group has given the partition to this member; false before this member
/// agrees to give it up, or when the group has taken it away (the session
/// expired, the process stood still). At the first of these moments that this
/// process lives to see: what was paused must still be fenced off by those
/// whom it writes to.
/// `trouble` hears why this member cannot take part (unreachable, not allowed,
/// no topic), in one line; empty: it can again.
///
/// Both are called from one thread of the election, must only send messages,
/// and must not throw. The members agree by the cooperative protocol: under the
/// eager one the lead would be given up and taken again whenever a node joins.
/// Nothing is fetched and nothing committed; the rights that it takes are
/// Describe on the topic and Read on the group.
[[nodiscard]] tl::expected<std::unique_ptr<leader_election>, std::string>
join_election(const election_options& options,
              std::function<void(bool leads)> changed,
              std::function<void(std::string reason)> trouble);

} // namespace sluice::kafka
