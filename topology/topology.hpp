// The topology file as values: what a person wrote, with every default filled
// in and every name checked. Nothing here does I/O. topology/read.hpp makes
// one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::topology {

/// Where a value stands in the topology file; both count from 1.
struct position {
  int line = 0;
  int column = 0;
};

/// How large a cut grows and how much is under way at once. A cut is a
/// contiguous offset range [lo, hi) of one partition and becomes one block per
/// table. Set for the pipeline under `tuning:`.
struct tuning {
  /// A cut is closed when its blocks reach this many bytes in memory, ...
  std::size_t cut_bytes = 64U << 20U;
  /// ... or this many records, ...
  std::size_t cut_rows = 500'000;
  /// ... or when its first record is this old (`flush:`), so that the tail of
  /// a topic is always written in bounded time.
  std::chrono::milliseconds cut_age{1000};
  /// Cuts of one partition that may be open, in insertion or unacknowledged
  /// at once; 1 means strictly one after the other.
  std::size_t cuts_in_flight = 2;
  /// Bytes that one partition may hold in memory: payloads until they are
  /// decoded, then blocks until ClickHouse has acknowledged them. Nothing is
  /// taken without credit.
  std::size_t credit_bytes = 128U << 20U;
  /// Concurrent INSERTs per table.
  std::size_t writers = 2;
  /// Bytes that a node may hold outside the embedded ClickHouse (`memory:`):
  /// librdkafka's queues, payloads and the blocks built from them.
  std::size_t memory_bytes = 256U << 20U;
  /// INSERTs per second of one table over the whole cluster; the age of a cut
  /// stretches to keep it.
  double inserts_per_second = 10;
  /// INSERTs per second of one node, over all its tables, that are made because
  /// a cut is old; at least what one table may have. The age of cuts stretches
  /// to keep it.
  double node_inserts_per_second = 25;
  /// Gold windows that run at once, over all gold tables.
  std::size_t gold_runs = 2;
  /// What a node may make of them: at least what one of its tables may.
  [[nodiscard]] double inserts_of_node() const {
    return std::max(node_inserts_per_second, inserts_per_second);
  }
  bool operator==(const tuning&) const = default;
};

/// Silver has rows at or beyond the last intent's end, or any where nothing is
/// committed: offsets were reset or restored, or have expired.
enum class on_silver_ahead {
  /// The partition waits for a person.
  stop,
  /// Rows that silver has are not inserted again.
  skip_existing,
  /// A deliberate restart: everything is inserted again, under a new epoch.
  new_epoch,
};

/// Records between the committed offset and the start of the log are gone.
enum class on_records_lost {
  stop,
  /// Goes on with the first record that is left.
  proceed,
};

/// The topic is not the one that the offset was committed for.
enum class on_topic_replaced { stop, new_epoch };

/// Partitions were added: a key's records may go on in another partition.
enum class on_partitions_added { stop, proceed };

/// What becomes of a partition in a condition that nobody can decide but the
/// user. Each is named in the status, whatever the policy.
struct recovery {
  on_silver_ahead silver_ahead = on_silver_ahead::stop;
  on_records_lost records_lost = on_records_lost::stop;
  on_topic_replaced topic_replaced = on_topic_replaced::stop;
  on_partitions_added partitions_added = on_partitions_added::stop;
  bool operator==(const recovery&) const = default;
};

/// The embedded broker's settings; they have no meaning for a real one.
struct embedded_broker {
  /// Partitions of each topic that the topology names.
  int partitions = 4;
  bool operator==(const embedded_broker&) const = default;
};

struct kafka {
  /// "embedded", or host:port[,host:port...].
  std::string brokers = "embedded";
  /// Consumer group; default: the pipeline's name.
  std::string group;
  /// Where records go that cannot be decoded; default "<pipeline>.dlq".
  std::string dead_letter_topic;
  /// librdkafka settings passed through as they are (security.protocol,
  /// sasl.*, ssl.*); what Sluice itself must control is refused.
  std::map<std::string, std::string> properties;
  embedded_broker embedded;
  [[nodiscard]] bool is_embedded() const { return brokers == "embedded"; }
  bool operator==(const kafka&) const = default;
};

struct clickhouse {
  /// "embedded", or http(s)://host:port.
  std::string url = "embedded";
  std::string database = "default";
  std::string user = "default";
  std::string password;
  /// PEM file of the certificate authority; empty: the system's.
  std::string ca_file;
  /// Compression of request and response bodies: none, lz4 or zstd.
  std::string compression = "lz4";
  std::chrono::milliseconds connect_timeout{5000};
  /// Limit for one request, from the connection to the last byte.
  std::chrono::milliseconds request_timeout{300'000};
  /// Port of the HTTP interface that the embedded ClickHouse is served on,
  /// always on the loopback; 0: any free one.
  std::uint16_t embedded_port = 0;
  [[nodiscard]] bool is_embedded() const { return url == "embedded"; }
  bool operator==(const clickhouse&) const = default;
};

/// The page with nodes, tables, lag and windows; /metrics, /healthz, /readyz.
struct status {
  std::string host = "127.0.0.1";
  /// 0: any free one.
  std::uint16_t port = 0;
  bool operator==(const status&) const = default;
};

enum class record_format { debezium_json, debezium_mongodb };

/// latest: one current row per key, deleted keys hidden (ReplacingMergeTree).
/// append: one row per inserted record (MergeTree).
enum class table_mode { latest, append };

/// What becomes of a record whose value does not fit the column.
enum class on_invalid {
  /// The record goes to the dead-letter topic.
  reject,
  /// The column becomes NULL (a Nullable column), and it is counted.
  null,
  /// The column becomes the nearest value that it can hold, and it is counted.
  clamp,
};

/// Unit of an integer that stands for a time, and what Debezium's
/// `time.precision.mode` makes of it. `automatic` reads ISO-8601 strings,
/// {"$date": ...} and, for Date columns, days since 1970-01-01.
enum class time_unit { automatic, s, ms, us, ns, days };

struct column {
  std::string name;
  /// ClickHouse type as written, for example "DateTime64(6)".
  std::string type;
  /// Path of the value in the row, members joined by dots ("_id.$oid");
  /// or "@offset", "@partition", "@timestamp" (the record's), "@key",
  /// "@op", "@headers.NAME". Default: the column's name.
  std::string from;
  time_unit unit = time_unit::automatic;
  /// Keep the value's JSON text byte for byte (String columns).
  bool raw = false;
  on_invalid invalid = on_invalid::reject;
  /// SQL expression computed by ClickHouse at insert (the column's DEFAULT);
  /// such a column has no `from`.
  std::string computed;
  /// SQL literal that every row gets; such a column has no `from`.
  std::string constant;
  position where;
  /// Whether the value is read from the record.
  [[nodiscard]] bool is_read() const {
    return computed.empty() && constant.empty();
  }
};

/// Where a table begins in a partition in which it has no position yet.
struct table_start {
  enum class kind {
    earliest,
    /// The end of the log, as of the table's first assignment.
    latest,
    /// `offset`, the same in every partition.
    offset,
    /// The first record whose timestamp is not before `time`.
    timestamp,
  };
  kind from = kind::earliest;
  std::int64_t offset = 0;
  std::chrono::sys_seconds time{};
  bool operator==(const table_start&) const = default;
};

struct table {
  std::string name;
  std::string topic;
  record_format format = record_format::debezium_json;
  table_mode mode = table_mode::latest;
  /// The source's primary key; required for `latest`.
  std::vector<std::string> key;
  /// Sorting key; default: `key`, or the first column of an append table.
  std::vector<std::string> order_by;
  std::vector<column> columns;
  /// Engine with its arguments; empty: by mode.
  std::string engine;
  std::string partition_by;
  std::string ttl;
  /// MergeTree settings, merged over those that Sluice needs.
  std::map<std::string, std::string> settings;
  /// SQL condition over the columns, evaluated by ClickHouse at insert; a row
  /// that does not meet it is not written (`append`) or hidden (`latest`).
  std::string filter;
  table_start start;
  position where;
};

struct gold_column {
  std::string name;
  std::string type;
  position where;
};

/// Where the windows of a gold table begin.
enum class window_unit {
  /// Every `every` since 1970-01-01 00:00 UTC, whatever the time zone.
  fixed,
  /// At local midnight; of a week at Monday's, of a month at its first day's.
  day,
  week,
  month,
};

/// What becomes of a record whose event time no window takes.
enum class on_outside {
  /// It is in silver, belongs to no window, and is counted.
  count,
  /// The record goes to the dead-letter topic.
  quarantine,
};

struct gold_window {
  window_unit unit = window_unit::fixed;
  /// Length of a fixed window; whole seconds. Of other units it says nothing.
  std::chrono::seconds every{86'400};
  /// A window begins every `hop`, and windows overlap; a divisor of `every`,
  /// fixed windows only. 0: they tumble.
  std::chrono::seconds hop{0};
  /// Silver table and its event-time column.
  std::string over_table;
  std::string over_column;
  /// Of that column, and of that table, as written there.
  std::string over_type;
  std::string over_ttl;
  /// First window that is ever run on a schedule; unset: any.
  std::optional<std::chrono::sys_seconds> start;
  /// `start` was written as a date alone, which is one of the gold's time zone;
  /// here is its midnight in UTC.
  bool start_is_date = false;
  /// A window is closed this long after its end.
  std::chrono::seconds lateness{0};
  /// A partition that gave no row for so long does not hold the watermark back.
  std::chrono::seconds idle{60};
  /// Event times before `oldest`, or more than `ahead` after the wall clock,
  /// are outside.
  std::chrono::sys_seconds oldest{std::chrono::days{3652}}; // 1980-01-01
  std::chrono::seconds ahead{std::chrono::days{1}};
  on_outside outside = on_outside::count;
};

/// What a change of a joined row means for windows that contain its key.
enum class on_join {
  /// They are run again.
  rerun,
  /// They take it up whenever they are run next.
  next_run,
};

/// Another silver table that the gold's SQL joins to its `over` table.
struct gold_join {
  std::string table;
  /// The joined table's column, and that of the `over` table it equals.
  std::string column;
  std::string over_column;
  /// A row that comes into being or goes.
  on_join appears = on_join::rerun;
  /// A row that has other values.
  on_join changes = on_join::rerun;
  position where;
};

struct gold_retry {
  /// Further attempts after the first has failed.
  int attempts = 2;
  std::chrono::milliseconds delay{std::chrono::minutes{5}};
  bool operator==(const gold_retry&) const = default;
};

/// What one ClickHouse partition of a gold table holds.
enum class gold_partition {
  /// One window.
  window,
  /// The windows that begin in one month of the gold's time zone.
  month,
};

struct gold {
  std::string name;
  gold_window window;
  /// IANA name of the zone in which calendar windows and schedules are, and the
  /// SQL's dates.
  std::string timezone = "UTC";
  /// Schedules: "@hourly", "@daily", "@weekly", "@monthly", "every 6h", or five
  /// cron fields. At each, the window that has just ended is run.
  std::vector<std::string> trigger;
  /// A window is closed when the watermark has passed its end and lateness, not
  /// when the wall clock has; it is run then, and after every later change.
  bool on_watermark = false;
  /// A closed window is run when its rows have changed.
  bool on_change = false;
  /// Schedule at which windows that are not closed yet are run; empty: never.
  std::string refresh;
  /// A window is run when its rows have not changed for `debounce`, and at the
  /// latest `max_staleness` after the first change.
  std::chrono::milliseconds debounce{std::chrono::seconds{5}};
  std::chrono::milliseconds max_staleness{std::chrono::minutes{1}};
  /// Golds whose finished windows make those of this one due that they overlap.
  std::vector<std::string> after;
  std::vector<gold_join> joins;
  /// Whether windows missed while no node ran are run at the start.
  bool catchup = false;
  std::vector<std::string> key;
  std::vector<gold_column> columns;
  /// One SELECT. {window_start} and {window_end} stand for the bounds.
  std::string sql;
  gold_partition partition = gold_partition::window;
  gold_retry retry;
  /// Limit for one run; ClickHouse ends the query itself.
  std::chrono::milliseconds timeout{std::chrono::minutes{10}};
  position where;
};

struct topology {
  /// Also the prefix of everything that the pipeline names outside.
  std::string pipeline;
  sluice::topology::kafka kafka;
  sluice::topology::clickhouse clickhouse;
  sluice::topology::status status;
  sluice::topology::tuning tuning;
  sluice::topology::recovery recovery;
  std::vector<table> tables;
  std::vector<gold> golds;
  /// File that it was read from, for messages.
  std::string file;
};

} // namespace sluice::topology
