// Each stage between Kafka and ClickHouse alone, with the program's own parts,
// so that one sees where the time goes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "silver/table_layout.hpp"

namespace sluice::bench {

struct stage_plan {
  silver::table_layout layout;
  /// What change_stream.hpp calls the stream of the table's topic.
  std::string stream;
  std::uint64_t messages = 0;
  /// Rows of one block.
  std::uint64_t cut_rows = 500'000;
};

struct stage_figures {
  std::string name;
  std::uint64_t messages = 0;
  /// Wall time, and CPU time of all threads of this process.
  double seconds = 0;
  double cpu_seconds = 0;
};

/// "decode and build columns", "build columns" (the same rows again, without
/// decoding) and "encode" (the finished block's bytes copied into one piece of
/// memory, as for a socket). The error names a record that cannot be decoded.
[[nodiscard]] tl::expected<std::vector<stage_figures>, std::string>
measure_computing(const stage_plan& plan);

/// "insert" (blocks that are already built, merges stopped) and "merge" (what
/// ClickHouse does with them afterwards, until nothing is left to merge). Makes
/// the table in `database`, which must exist.
[[nodiscard]] tl::expected<std::vector<stage_figures>, std::string>
measure_inserting(const stage_plan& plan, clickhouse::client& into,
                  const std::string& database);

} // namespace sluice::bench
