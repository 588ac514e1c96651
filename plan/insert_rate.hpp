// How often a table gets an INSERT, and how old its rows are, as far as both
// follow from the topology. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "topology/topology.hpp"

namespace sluice::plan {

/// Partitions by topic, as far as they are known.
using partition_counts = std::map<std::string, int>;

/// Partitions of a topic: as counted, else those that the embedded broker will
/// make; std::nullopt when nobody knows.
[[nodiscard]] std::optional<int> partitions_of(const std::string& topic,
                                               const topology::topology& what,
                                               const partition_counts& counts);

/// Age at which a cut is closed so that a table of `partitions` (0: unknown)
/// keeps its inserts_per_second, each partition making one INSERT per age;
/// `flush` at least.
[[nodiscard]] std::chrono::milliseconds
cut_age_of(const topology::tuning& tuning, int partitions);

/// A table's INSERTs while all `partitions` of its topic have records, but
/// never so many that a cut is full before it is old enough (full cuts come
/// earlier, and make more).
struct insert_rate {
  double inserts_per_second = 0;
  /// Age at which a cut is closed: `flush`, or longer to keep the table's
  /// inserts_per_second and the node's. Rows are in ClickHouse that long after
  /// their record, plus the time of an INSERT.
  std::chrono::milliseconds cut_age{};
  /// It is the node's budget that makes cuts wait: more nodes wait less.
  bool node_is_full = false;
};

/// With P partitions: a cut of each every max(flush, P / inserts_per_second,
/// node_turn). `partitions` must be at least 1; `node_turn` is
/// turn_on_node()'s.
[[nodiscard]] insert_rate rate_of(const topology::tuning& tuning,
                                  int partitions,
                                  std::chrono::milliseconds node_turn);

/// How far apart the cuts of a partition are on one node that has all tables,
/// while all have records, so that the node keeps node_inserts_per_second: the
/// least T for which the sum over the tables of P / max(their age, T) is not
/// more. Zero when none has to wait. A topic whose partitions nobody knows
/// counts as one.
[[nodiscard]] std::chrono::milliseconds
turn_on_node(const topology::topology& what, const partition_counts& counts);

/// The most partitions for which no cut waits longer than `flush`.
[[nodiscard]] int partitions_at_full_rate(const topology::tuning& tuning);

/// Blocks of one table that may be open, under way or unacknowledged at once:
/// what ClickHouse must recognise when it is repeated.
[[nodiscard]] std::size_t blocks_in_flight(const topology::tuning& tuning,
                                           int partitions);

/// Blocks that a table may get while a request that was given up may still take
/// effect.
[[nodiscard]] std::size_t
blocks_during_a_request(const topology::topology& what);

/// "4", "6.67": at most two decimals.
[[nodiscard]] std::string rate_text(double per_second);

} // namespace sluice::plan
