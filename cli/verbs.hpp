// The verbs of the command line, one source file each. add_x describes the
// verb's arguments to CLI11; when it is the one that the user chose, it sets
// the action that the program then runs.
#pragma once

#include <functional>

#include <CLI/App.hpp>

namespace sluice::cli {

/// What the process ends with.
inline constexpr int exit_ok = 0;
/// Something outside failed: a server, a file, a port.
inline constexpr int exit_failure = 1;
/// The arguments or the topology are wrong: repeating does not help.
inline constexpr int exit_mistake = 2;

/// Does the work and returns the exit code.
using action = std::function<int()>;

void add_run(CLI::App& to, action& chosen);
void add_check(CLI::App& to, action& chosen);
void add_apply(CLI::App& to, action& chosen);
void add_query(CLI::App& to, action& chosen);
void add_status(CLI::App& to, action& chosen);
void add_gold(CLI::App& to, action& chosen);
void add_dlq(CLI::App& to, action& chosen);
void add_table(CLI::App& to, action& chosen);
void add_kafka(CLI::App& to, action& chosen);
void add_chaos(CLI::App& to, action& chosen);
void add_clickhouse(CLI::App& to, action& chosen);

/// The subverbs of `gold`, `dlq`, `table` and `kafka`.
void add_gold_list(CLI::App& to, action& chosen);
void add_gold_run(CLI::App& to, action& chosen);
void add_gold_ledger(CLI::App& to, action& chosen);
void add_dlq_list(CLI::App& to, action& chosen);
void add_dlq_show(CLI::App& to, action& chosen);
void add_dlq_replay(CLI::App& to, action& chosen);
void add_table_reset(CLI::App& to, action& chosen);
void add_kafka_play(CLI::App& to, action& chosen);

} // namespace sluice::cli
