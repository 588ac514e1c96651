// The node's numbers for Prometheus. Every metric's name is in metrics.cpp and
// nowhere else; actors get one struct of handles, made once, and count events
// through it. Handles are small, copyable, thread-safe, and must not outlive
// the registry.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

namespace sluice::status {

/// Only grows.
class counter {
public:
  explicit counter(prometheus::Counter& to) : to_(&to) {}
  void add(double amount = 1);

private:
  prometheus::Counter* to_;
};

class gauge {
public:
  explicit gauge(prometheus::Gauge& to) : to_(&to) {}
  void set(double value);

private:
  prometheus::Gauge* to_;
};

/// Observes durations, in seconds.
class histogram {
public:
  explicit histogram(prometheus::Histogram& to) : to_(&to) {}
  void observe(std::chrono::duration<double> took);

private:
  prometheus::Histogram* to_;
};

/// A partition consumer's. Labels: topic, partition.
struct partition_metrics {
  counter records_consumed;
  counter bytes_consumed;
  counter commits;
  counter commit_failures;
  counter cuts;
  /// Intents of a former life taken up after an assignment.
  counter intents_replayed;
  /// Commits that the broker refused: another member or generation, a rebalance
  /// in progress. What never got an answer is a commit_failure.
  counter commits_refused;
  /// The offset auditor: offsets between two cuts that a table acknowledged one
  /// after the other, and offsets that both have. Always 0; anything else is a
  /// bug of Sluice.
  counter cut_gaps;
  counter cut_overlaps;
  /// Records up to the end of the log.
  gauge lag_records;
  gauge committed_offset;
  gauge credit_bytes_in_use;
  /// The partition is no longer this node's: its lag and credit read 0 here.
  void gave_up();
};

class registry;

/// A table's transformers and writers. Labels: table, and reason or policy.
/// Reasons are few and fixed (an error's kind, never its text).
class table_metrics {
public:
  counter rows_written;
  counter insert_retries;
  counter insert_failures;
  /// Blocks written in pieces: too large for ClickHouse, or one row refused.
  counter splits;
  /// Rows of a recorded range that silver had already, so that they were not
  /// inserted again.
  counter rows_found_in_silver;
  /// Rows that ClickHouse refused for their data, now in the dead-letter topic.
  counter rows_quarantined;
  /// One INSERT, from the call to ClickHouse's acknowledgement.
  histogram insert_time;
  /// From the record's timestamp to ClickHouse's acknowledgement.
  histogram freshness;
  gauge blocks_in_flight;
  /// 1 while the table is stopped.
  gauge stopped;

  /// Records sent to the dead-letter topic. Once per cut, not per record; 0
  /// makes the reason known, so that its first letter is an increase.
  void dead_letters(std::string_view reason, std::uint64_t number);
  /// Records that have no meaning for the table (no row was due).
  void records_ignored(std::string_view reason, std::uint64_t number);
  /// Values that did not fit and were written as NULL or clamped.
  void values_changed(std::string_view policy, std::uint64_t number);

private:
  friend class registry;
  table_metrics(registry& of, std::string table);
  registry* of_;
  std::string table_;
};

/// The coordinator's, for one gold. Labels: gold, and outcome.
struct gold_metrics {
  counter runs_done;
  counter runs_failed;
  histogram run_time;
  /// Unix time up to which windows are published (the end of the newest).
  gauge newest_window_end;
  gauge windows_failed;
  /// Windows whose rows have changed since they were run last.
  gauge windows_dirty;
  /// Rows whose event time no window takes.
  counter rows_outside;
};

/// What a node tells and reads in the control log.
struct control_log_metrics {
  /// Records of marks that were appended, and the cuts in them.
  counter records;
  counter cuts;
  /// Records that are passed over: damaged, or of a coordinator that does not
  /// lead any more.
  counter passed_over;
};

/// The supervisor's.
class node_metrics {
public:
  /// 1 while the node is ready.
  gauge ready;
  /// Bytes that the node may hold outside the embedded ClickHouse, and what it
  /// holds of them.
  gauge memory_budget;
  gauge memory_in_use;
  /// Actors that have failed and wait for their next start.
  gauge actors_waiting;
  /// Its restarts count from 0 on: a counter that began with its first restart
  /// would hide that one from Prometheus' increase().
  void actor_runs(std::string_view actor);
  void actor_restarted(std::string_view actor);

private:
  friend class registry;
  explicit node_metrics(registry& of);
  registry* of_;
};

/// Owns all numbers of this process. Thread-safe. Asking for the handles of the
/// same labels again gives the same numbers.
class registry {
public:
  /// `version` and `pipeline` become labels of sluice_build_info.
  registry(const std::string& version, const std::string& pipeline);
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  [[nodiscard]] partition_metrics partition(const std::string& topic,
                                            std::int32_t partition);
  /// Time until retention reaches an offset that is held back in a partition;
  /// std::nullopt: none is, or it is not known.
  void retention_left(const std::string& topic, std::int32_t partition,
                      const std::optional<std::chrono::milliseconds>& left);
  [[nodiscard]] table_metrics table(const std::string& name);
  [[nodiscard]] gold_metrics gold(const std::string& name);
  [[nodiscard]] control_log_metrics control_log();
  [[nodiscard]] node_metrics node();

  /// All numbers in Prometheus' text format 0.0.4.
  [[nodiscard]] std::string exposition() const;

private:
  friend class table_metrics;
  friend class node_metrics;
  struct families;
  std::unique_ptr<families> families_;
};

} // namespace sluice::status
