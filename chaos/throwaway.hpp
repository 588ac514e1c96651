// The copy of a user's topology that chaos runs: the same tables under names
// that nobody else uses, and a few more that make faults visible. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/topology.hpp"

namespace sluice::chaos {

/// Header of every record of the load; its value is a record_mark's letter.
inline constexpr std::string_view mark_header = "chaos";
/// Column of a log table that holds the mark; a constraint on it makes
/// ClickHouse refuse the rows of poison records.
inline constexpr std::string_view mark_column = "chaos_mark";
inline constexpr std::string_view poison_mark = "p";
/// ClickHouse partitions that the rows of a log table are spread over.
inline constexpr int log_table_partitions = 4;

struct throwaway_places {
  /// Distinguishes this run: letters and digits.
  std::string run = {};
  std::string brokers = {};
  std::string clickhouse_url = {};
  std::chrono::milliseconds session_timeout{6000};
};

struct throwaway_topology {
  topology::topology what;
  /// Tables added, one a topic: append, over several ClickHouse partitions.
  std::vector<std::string> log_tables;
  /// What of the user's topology is left out or changed, one line each.
  std::vector<std::string> notes;
};

/// The copy: pipeline, group, topics, dead-letter topic and database are new
/// names that end with the run's; filters, TTLs and engines of append tables
/// are left out, because what must be in a table would no longer follow from
/// the records alone; golds run soon after changes (chaos/gold_copy.hpp); cuts
/// are small and requests short, so that every mechanism fires often. Security
/// settings of Kafka stay.
[[nodiscard]] throwaway_topology make_throwaway(topology::topology of,
                                                const throwaway_places& at);

} // namespace sluice::chaos
