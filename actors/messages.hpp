// Every message that actors send each other, in the order in which a record
// meets them. None leaves the process (nodes talk through Kafka, see
// docs/architecture.md): batches and blocks travel as pointers to immutable
// data, and nothing is ever serialised.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "clickhouse/error.hpp"
#include "gold/runner.hpp"
#include "kafka/cut_ledger.hpp"
#include "kafka/record.hpp"
#include "kafka/source.hpp"
#include "silver/block_builder.hpp"
#include "status/report.hpp"

namespace sluice::actors {

// -- the consumer group -> supervisor -----------------------------------------

/// The group gave us a partition; whoever gets it takes the source out.
struct partition_assigned {
  std::shared_ptr<kafka::assigned_partition> partition;
};
/// The group wants a partition back: drain it, then release it.
struct partition_revoked {
  kafka::topic_partition where;
};
/// A partition is already someone else's: drop it, commit nothing.
struct partition_lost {
  kafka::topic_partition where;
};
/// What is wrong with Kafka, or empty: healthy again.
struct kafka_trouble {
  std::string reason;
};

// -- partition source -> partition consumer -----------------------------------

/// There may be records to take.
struct records_available {};
/// The broker's answer to the one commit in flight.
struct commit_answered {
  kafka::commit_outcome outcome;
};

// -- partition consumer -> table transformers ---------------------------------

/// Records [first, last) of the batch belong to the open cut.
struct records_fetched {
  kafka::record_batch_ptr batch;
  std::size_t first = 0;
  std::size_t last = 0;
};
/// The open cut has ended: everything of it was sent.
struct cut_closed {
  kafka::cut range;
};
/// Kafka has the cut's end: it may be inserted.
struct cut_recorded {
  kafka::cut range;
};

// -- table transformer -> dead-letter writer ----------------------------------

/// Records of one cut that cannot be decoded; answered when the dead-letter
/// topic has them all.
struct records_rejected {
  std::shared_ptr<const std::vector<kafka::owned_record>> dead_letters;
};
struct records_kept {};
/// From the sink, another thread: one letter of a bundle is on the topic, or
/// (with an error) is not.
struct dead_letter_answered {
  std::uint64_t bundle = 0;
  std::size_t index = 0;
  std::string error;
};

// -- table transformer -> batching writer -------------------------------------

/// The rows of one cut for one table; answered when ClickHouse has them. The
/// token belongs to exactly this block.
struct rows_ready {
  std::string token;
  silver::block_ptr rows;
  /// Timestamp of the cut's newest record, milliseconds since 1970-01-01 UTC;
  /// -1: none. Freshness is measured from it.
  std::int64_t newest_ms = -1;
};
struct rows_written {};

// -- batching writer -> inserter ----------------------------------------------

/// One attempt to insert; answered with the outcome.
struct insert_block {
  std::string token;
  silver::block_ptr rows;
};
struct insert_answered {
  std::optional<clickhouse::error> error;
};

// -- table transformer -> partition consumer ----------------------------------

/// One table is done with the cut; its bytes are credit again.
struct cut_written {
  kafka::cut range;
};

// -- supervisor -> partition consumer -----------------------------------------

/// Take no more records, finish the closed cuts, commit, end.
struct drain {};

// -- coordinator -> gold executor ---------------------------------------------

/// Run one window; answered with the result or ClickHouse's error.
struct run_window {
  std::string gold;
  gold::run_request request;
};
struct window_finished {
  tl::expected<gold::run_result, clickhouse::error> outcome;
};
/// Read what has run before.
struct read_ledger {};
struct unsound_window {
  std::string gold;
  gold::window what;
};
struct ledger_read {
  tl::expected<std::vector<gold::ledger_entry>, clickhouse::error> runs;
  /// Windows that do not show what their newest run published.
  std::vector<unsound_window> unsound;
};

// -- consumer group -> coordinator --------------------------------------------

/// Whether this node leads: it owns the partition that decides it.
struct leadership_changed {
  bool leads = false;
};

// -- everyone -> metrics actor ------------------------------------------------

struct partition_reported {
  status::partition_report report;
};
struct partition_gone {
  kafka::topic_partition where;
};
struct table_reported {
  status::table_report report;
};
/// From a transformer, after each cut: records that became no row since the
/// last one.
struct records_counted {
  std::string table;
  std::uint64_t dead_letters = 0;
  std::uint64_t ignored = 0;
};
/// Empty while this node does not lead: it knows nothing of windows then.
struct golds_reported {
  std::vector<status::gold_report> golds;
};
/// Something of the node is in trouble ("kafka", "clickhouse"), or, with an
/// empty reason, healthy again.
struct trouble_reported {
  std::string part;
  std::string reason;
};
/// The node as a whole starts, runs or stops.
struct phase_changed {
  status::health_state phase = status::health_state::starting;
};
struct actor_restarted {
  std::string actor;
  std::string reason;
};

// -- timers -------------------------------------------------------------------

/// The open cut that begins at `lo` has reached its age.
struct flush_due {
  std::int64_t lo = 0;
};
/// Try again what failed.
struct retry_due {};
/// Once a second: report.
struct report_due {};
/// Restart the pipeline of a partition that failed.
struct restart_due {
  kafka::topic_partition where;
};
/// Restart the coordinator, which failed.
struct coordinator_restart_due {};
/// A draining partition has had its time.
struct drain_expired {
  kafka::topic_partition where;
};

} // namespace sluice::actors

// CAF's word for a message that is never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_assigned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_revoked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::kafka_trouble)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_available)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::commit_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_fetched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_recorded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_rejected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::dead_letter_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::rows_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::rows_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::insert_block)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::insert_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::run_window)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::window_finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::read_ledger)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::ledger_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::leadership_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::table_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::golds_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::trouble_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::phase_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::actor_restarted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::flush_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::retry_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::report_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::restart_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::drain_expired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::coordinator_restart_due)
