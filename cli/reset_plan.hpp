// What a reset of a table will read again, and what it will not find any more.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/position_metadata.hpp"
#include "kafka/source.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// What Kafka has of one partition of the table's topic.
struct partition_facts {
  kafka::topic_partition where;
  kafka::log_bounds bounds;
  kafka::committed_position committed;
  /// Decoded from it.
  kafka::position_metadata metadata;
  /// Where a `start:` at a time begins.
  std::optional<std::int64_t> at_time;
};

/// Of what becomes of one partition.
struct partition_reset {
  /// First record that is read again.
  std::int64_t offset = 0;
  /// What the table had, or may have had, and the topic does not bring again,
  /// in one line; empty: nothing.
  std::string lost;
};

/// Where the partition is read again, as actors/takeover.cpp decides.
[[nodiscard]] partition_reset read_again(const partition_facts& of,
                                         const topology::table_start& start);

/// Every epoch that a position names: the partitions' and all their tables'.
[[nodiscard]] std::vector<std::uint16_t>
epochs_in(const std::vector<partition_facts>& partitions);

} // namespace sluice::cli
