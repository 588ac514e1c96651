// Membership in a consumer group, through librdkafka.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/source.hpp"

namespace sluice::kafka {

struct group_options {
  /// host:port[,host:port...].
  std::string brokers = {};
  std::string group = {};
  /// Topics that do not exist yet are joined when they appear.
  std::vector<std::string> topics = {};
  /// librdkafka settings passed through (security, timeouts, assignment
  /// strategy: cooperative-sticky unless it says otherwise). What the
  /// guarantees rest on cannot be set: offsets are never stored, reset or
  /// committed by themselves, CRCs are checked, isolation is read_committed.
  std::map<std::string, std::string> properties = {};
  std::string client_id = "sluice";
  /// Static membership (group.instance.id): a restart within the session
  /// timeout keeps its partitions.
  std::optional<std::string> instance_id = {};
  /// Whether take() parses headers; off saves time where no column needs one.
  bool with_headers = false;
  /// How long a revoked partition's owner may take to release it; below the
  /// broker's rebalance timeout (max.poll.interval.ms, 5 minutes).
  std::chrono::milliseconds revocation_deadline{30'000};
  /// Memory for what librdkafka has fetched ahead, of all partitions together:
  /// payloads, what it keeps per message, and fetches under way. librdkafka has
  /// limits for single partitions only, fixed when the consumer is made, so
  /// each partition of the topics gets its share as if this node had all of
  /// them, which it will when the other nodes are gone.
  std::size_t queue_bytes_total = 64U << 20U;
  /// No partition's share is larger: a longer queue is slower, because its
  /// messages leave the cache before they are decoded.
  std::size_t queue_bytes_max = 16U << 20U;
  /// Partitions of the topics together; 0: the brokers are asked, up to two
  /// seconds. When they do not answer, or lack a topic, at least
  /// partitions_assumed.
  std::size_t partitions = 0;
  static constexpr std::size_t partitions_assumed = 32;
  /// How long a broker may wait for records before it answers a fetch. The
  /// embedded broker always waits to the end of it: 10 ms there.
  std::chrono::milliseconds fetch_wait{100};
  /// Called on the member's thread with each commit after the broker has
  /// answered it without an error and before its `done`: what makes
  /// `recorded` mean "also in the embedded broker's journal". An error turns
  /// the outcome into `retry`.
  std::function<tl::expected<void, std::string>(const topic_partition& where,
                                                std::int64_t offset,
                                                const std::string& metadata)>
      journal_commit = {};
};

/// Joins the group and returns (see group_options::partitions) at once;
/// assignments come through `listener`, which must outlive the member's
/// close(). Fails only for settings that librdkafka refuses; an unreachable
/// broker is trouble(), and retried.
///
/// Threads: one polls the group's events and calls the listener and every
/// `done`; one asks brokers (committed positions, log bounds). A partition's
/// records are taken on its owner's thread. Sources and batches may outlive
/// the member.
[[nodiscard]] tl::expected<std::unique_ptr<group_member>, std::string>
join_group(const group_options& options,
           std::shared_ptr<group_listener> listener);

} // namespace sluice::kafka
