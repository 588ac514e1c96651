// How much librdkafka may fetch ahead, so that a node's memory has a bound.
#pragma once

#include <cstddef>

namespace sluice::kafka {

/// librdkafka's limits for one partition. It has none for a consumer as a
/// whole where partitions have queues of their own, and they cannot be changed
/// once the consumer exists (CONFIGURATION.md, queued.max.messages.kbytes).
struct fetch_limits {
  /// Payload bytes in the queue (queued.max.messages.kbytes).
  std::size_t bytes = 0;
  /// Messages in the queue (queued.min.messages, which is a maximum: fetching
  /// stops there): each costs memory beside its payload.
  std::size_t messages = 0;
  /// Bytes of one fetch (fetch.message.max.bytes), which may come on top of a
  /// queue just below its limit.
  std::size_t fetch_bytes = 0;
};

/// Limits of each of `partitions` partitions (at least 1) with which all of
/// them together hold about `bytes_total` of memory, but a partition no more
/// than `partition_bytes_max`. Half goes to payloads, a quarter to what
/// librdkafka keeps per message, an eighth to one fetch under way.
///
/// A record larger than the limits is fetched all the same, and compressed
/// batches grow after they were counted as a fetch.
[[nodiscard]] fetch_limits limits_for(std::size_t bytes_total,
                                      std::size_t partition_bytes_max,
                                      std::size_t partitions);

} // namespace sluice::kafka
