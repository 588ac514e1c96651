// The plan of a topology for people: what `sluice check` prints.
#pragma once

#include <chrono>
#include <string>

#include "plan/insert_rate.hpp"
#include "plan/schema.hpp"

namespace sluice::plan {

/// Topics, their tables, the gold tables, the tuning, and where Kafka and
/// ClickHouse are; never a password. With `partitions`, the INSERTs per second
/// and the freshness of each table that follow. `now` is what the schedules'
/// next firings are counted from. UTF-8, ends with a line feed.
[[nodiscard]] std::string print(const topology::topology& what,
                                const layouts& tables,
                                const partition_counts& partitions,
                                std::chrono::sys_seconds now);

/// The same as JSON text, for scripts: an object with the members pipeline,
/// file, kafka, clickhouse, status, tuning, tables, gold. Every table and gold
/// has its DDL.
[[nodiscard]] std::string print_json(const topology::topology& what,
                                     const layouts& tables,
                                     const partition_counts& partitions,
                                     std::chrono::sys_seconds now);

} // namespace sluice::plan
