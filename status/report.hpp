// What a node says of itself: the page, /status, `sluice status` and /readyz
// all show this. Plain values; whoever knows a part fills it in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::status {

/// Wall clock, UTC, milliseconds.
using instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// Version of the JSON form. It grows when a member changes its meaning or
/// goes away; new members alone do not change it.
inline constexpr int report_version = 1;

enum class health_state { starting, running, degraded, stopping };

struct health {
  health_state state = health_state::starting;
  /// One clear line each: what is wrong, and since when or until when.
  std::vector<std::string> reasons;
};

struct node_info {
  /// "<host>-<pid>" or what the user chose.
  std::string id;
  std::string version;
  std::string pipeline;
  std::string topology_file;
  std::int64_t pid = 0;
  instant started{};
  /// Where its parts can be reached; empty: not (yet).
  std::string kafka_brokers;
  std::string clickhouse_url;
  /// HTTP port of the embedded ClickHouse; 0: none.
  std::uint16_t clickhouse_port = 0;
  std::string status_url;
  std::string data_directory;
};

enum class partition_state {
  /// Assigned; asks Kafka and silver where it stands.
  recovering,
  running,
  /// Out of credit: ClickHouse is slower than Kafka.
  throttled,
  /// Given up; finishes or drops what is in flight.
  draining,
  /// Waits for a restart by the supervisor, or for good; see `reason`.
  stopped,
};

enum class table_state { running, retrying, paused, stopped };

/// A table that is behind the other tables of its partition, and so holds the
/// committed offset.
struct held_table {
  std::string table;
  /// First offset that the table has not got.
  std::int64_t frontier = -1;
  table_state state = table_state::stopped;
  /// Why, in one line.
  std::string reason;
};

struct partition_report {
  std::string topic;
  std::int32_t partition = 0;
  partition_state state = partition_state::recovering;
  /// Next offset to be read; -1: unknown.
  std::int64_t position = -1;
  /// First offset not finished in ClickHouse, as committed; -1: none.
  std::int64_t committed = -1;
  /// Offset that the next record will get; -1: unknown.
  std::int64_t log_end = -1;
  /// Records between the committed position and the log's end; -1: unknown.
  std::int64_t lag = -1;
  /// Payload bytes from the fetch to ClickHouse's acknowledgement.
  std::uint64_t in_flight_bytes = 0;
  std::string reason;
  /// Tables that are not at the others' position; most partitions have none.
  std::vector<held_table> held;
  /// How long until the topic's retention reaches the committed offset, and
  /// what is held there would be lost; unset: nothing is held, retention by
  /// time is off, or unknown. Negative: it may be gone already.
  std::optional<std::chrono::milliseconds> retention_left;
};

struct table_report {
  std::string name;
  table_state state = table_state::running;
  /// Since the node started.
  std::uint64_t rows_written = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t ignored = 0;
  /// Blocks handed to the writer and not acknowledged.
  std::uint64_t blocks_in_flight = 0;
  std::optional<instant> last_write;
  /// Why it is retrying or stopped, in one line.
  std::string reason;
};

struct window_report {
  std::string gold;
  instant start{};
  instant end{};
  /// "waiting", "running", "retrying", "failed", "dirty" (its rows have changed
  /// since), "open" (not over yet), "done".
  std::string state;
  int attempt = 0;
  std::uint64_t rows = 0;
  std::optional<instant> last_run;
  std::optional<instant> next_run;
  std::string error;
};

struct gold_report {
  std::string name;
  /// Next firing of its schedules.
  std::optional<instant> next_firing;
  /// Up to which event time everything was seen, as far as one can know.
  std::optional<instant> watermark;
  /// Windows whose rows have changed since they were run last; all of them,
  /// which may be more than `windows` has.
  std::uint64_t dirty = 0;
  std::vector<window_report> windows;
};

struct restart_report {
  std::string actor;
  std::uint64_t restarts = 0;
  std::string last_reason;
  std::optional<instant> last;
  /// It has failed and starts again then; unset: it runs.
  std::optional<instant> next;
};

struct report {
  instant at{};
  node_info node;
  sluice::status::health health;
  std::vector<partition_report> partitions;
  std::vector<table_report> tables;
  std::vector<gold_report> golds;
  std::vector<restart_report> restarts;
};

[[nodiscard]] std::string_view to_string(health_state state);
[[nodiscard]] std::string_view to_string(partition_state state);
[[nodiscard]] std::string_view to_string(table_state state);

/// "2026-02-20T14:34:07.000Z".
[[nodiscard]] std::string to_string(instant when);

/// "3 h"; "?" when it is not known, "nothing" when the time is over.
[[nodiscard]] std::string
retention_text(const std::optional<std::chrono::milliseconds>& left);

/// Whether the node does its work: running, or degraded in some part (another
/// node could do no better). Starting and stopping nodes are not ready.
[[nodiscard]] bool is_ready(const report& of);

/// The report as JSON text, with member "version"; `indent` < 0: one line.
[[nodiscard]] std::string to_json(const report& of, int indent = -1);

/// Reads what to_json wrote, of this version; unknown members are ignored,
/// missing ones keep their defaults. The error is one line (not JSON, member of
/// a wrong type, another version).
[[nodiscard]] tl::expected<report, std::string>
from_json(std::string_view text);

} // namespace sluice::status
