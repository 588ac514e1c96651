// Where a partition's new owner begins: what Kafka holds for it, what the log
// still has and what silver has, put together. Pure: asks nobody.
// docs/guarantees.md, "Conditions", says what each of them means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/cut_ledger.hpp"
#include "kafka/position_metadata.hpp"
#include "kafka/source.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// One table that the partition feeds.
struct table_standing {
  std::string name;
  /// Where it begins if no position for it counts: an offset, the
  /// log's start (std::nullopt), or its end.
  std::optional<std::int64_t> start = {};
  bool starts_at_end = false;
  /// Epoch of its last reset; 0: none. A position of an earlier one counts no
  /// more.
  std::uint16_t reset = 0;
  /// Greatest offset in silver, of the epoch that the position has for it, or
  /// of the reset.
  std::optional<std::int64_t> newest = {};
  /// Why it takes nothing; empty: it does.
  std::string refused = {};
};

struct partition_standing {
  kafka::committed_position committed;
  /// Decoded from it.
  kafka::position_metadata metadata;
  kafka::log_bounds bounds;
  /// Partitions of the topic now; 0: unknown.
  std::int32_t partition_count = 0;
  /// Whether some table's versions are Kafka's order of its key's records,
  /// which holds within one partition.
  bool ordered_by_partition = false;
  std::vector<table_standing> tables;
};

struct takeover {
  /// What Kafka has, or is to have, and the tables' positions in it.
  std::int64_t offset = 0;
  kafka::position_metadata metadata;
  /// By index of partition_standing::tables.
  std::vector<kafka::ledger_table> tables;
  /// The record at the fingerprint's offset must be the one of then.
  std::optional<kafka::fingerprint> expected;
  /// Conditions that a policy allowed to pass, in one line each.
  std::vector<std::string> notes;
};

/// The position of a table's name in `metadata`, if it has one.
[[nodiscard]] std::optional<kafka::table_position>
position_of(const kafka::position_metadata& metadata, const std::string& table);

/// Where a partition without a committed position begins, before anything is
/// checked.
[[nodiscard]] takeover first_position(const partition_standing& of);

/// Decides where to begin. The error is a condition that waits for a person, in
/// one line that begins with its name ("silver ahead", "records lost", "topic
/// replaced", "partitions added") and names the setting that lets it pass.
[[nodiscard]] tl::expected<takeover, std::string>
take_over(const partition_standing& of, const topology::recovery& policy);

/// The same after the log turned out to be another one than that of `of`.
[[nodiscard]] tl::expected<takeover, std::string>
take_over_replaced(const partition_standing& of,
                   const topology::recovery& policy, const std::string& how);

} // namespace sluice::actors
