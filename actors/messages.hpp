// Every message that actors send each other, in the order in which a record
// meets them. None leaves the process (nodes talk through Kafka): batches and
// blocks travel as pointers to immutable data, and nothing is ever serialised.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "clickhouse/error.hpp"
#include "gold/runner.hpp"
#include "gold/saved_state.hpp"
#include "kafka/cut_ledger.hpp"
#include "kafka/record.hpp"
#include "kafka/source.hpp"
#include "silver/block_builder.hpp"

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
  /// By which the consumer knows it.
  std::uint64_t number = 0;
};
/// The open cut has ended: everything of it was sent.
struct cut_closed {
  kafka::cut range;
};
/// Kafka has the cut's end: it may be inserted.
struct cut_recorded {
  kafka::cut range;
  /// Intended in a former life: silver may have rows of it already.
  bool replayed = false;
  /// Where this table's block is divided, ascending.
  std::vector<std::int64_t> splits;
};
/// Kafka knows where the block of a cut is divided now.
struct split_recorded {
  kafka::cut range;
  std::vector<std::int64_t> splits;
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

// -- table transformer -> record fetcher --------------------------------------

/// Read one record again, whose row ClickHouse rejects; answered when it is
/// read, or gone.
struct fetch_record {
  kafka::topic_partition where;
  std::int64_t offset = 0;
};
struct record_fetched {
  /// std::nullopt: the log has it no more.
  std::optional<kafka::owned_record> record;
};

// -- partition consumer -> record fetcher -------------------------------------

/// Where a table begins that starts at a time; answered when the broker has
/// told.
struct find_offset {
  kafka::topic_partition where;
  /// Of the record's timestamp, milliseconds since 1970-01-01 UTC.
  std::int64_t not_before_ms = 0;
};
struct offset_found {
  /// Of the first record that is not older; the log's end if there is none.
  std::int64_t offset = 0;
};

/// How long retention leaves the record that a table holds the offset at.
struct find_retention {
  kafka::topic_partition where;
  std::int64_t offset = 0;
};
struct retention_told {
  /// std::nullopt: time takes nothing, or nobody knows. May be negative.
  std::optional<std::chrono::milliseconds> left;
};

// -- table transformer -> batching writer -------------------------------------

/// Rows of one cut for one table: the whole block or, once it is divided, those
/// of a piece. The token belongs to exactly these rows.
struct rows_ready {
  std::string token;
  silver::block_ptr rows;
  /// Offsets of the piece; rows of the block outside it are not written.
  kafka::cut piece;
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  /// Ask silver which rows are there, and write only those that are not.
  bool ask_first = false;
  /// Someone may have been sent the same rows before: no outcome of an attempt
  /// is certain until a statement of then cannot run any more.
  bool tried_before = false;
  /// Timestamp of the cut's newest record, milliseconds since 1970-01-01 UTC;
  /// -1: none. Freshness is measured from it.
  std::int64_t newest_ms = -1;
};
enum class rows_fate {
  /// ClickHouse has the rows.
  written,
  /// Too many at once: divide them.
  too_large,
  /// Some row among them is at fault: find it.
  rejected,
  /// The table takes nothing at all: missing, incompatible, paused.
  refused,
};
struct rows_answered {
  rows_fate fate = rows_fate::written;
  /// ClickHouse's words; empty when written.
  std::string reason;
  /// ClickHouse had too many parts on the way: fewer, larger cuts are due.
  bool crowded = false;
  /// Refused because a person said so.
  bool paused = false;
};

// -- partition consumer -> batching writer ------------------------------------

/// How far silver is for a partition; answered once ClickHouse has said so.
struct find_newest {
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  /// Rows below this do not matter.
  std::int64_t from = 0;
};
struct newest_found {
  /// Greatest offset of a row in the table, `from` or beyond; std::nullopt: no
  /// row.
  std::optional<std::int64_t> offset;
  /// Why the table takes nothing; empty: it does.
  std::string refused;
  /// Because a person said so.
  bool paused = false;
  /// Epoch of the last reset; 0: none. `offset` is of this one or a later one.
  std::uint16_t reset = 0;
};

// -- batching writer -> inserter ----------------------------------------------

/// One attempt to insert; answered with the outcome.
struct insert_block {
  std::string token;
  silver::block_ptr rows;
  /// Only rows whose offset lies in one of these; empty: all rows.
  std::vector<kafka::cut> only = {};
};
struct insert_answered {
  std::optional<clickhouse::error> error;
};
/// Which rows of a partition are in silver.
struct ask_rows {
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  kafka::cut range;
};
struct rows_told {
  /// Their offsets, ascending, each once.
  tl::expected<std::vector<std::int64_t>, clickhouse::error> offsets;
};
/// Which row of a partition is the newest in silver.
struct ask_newest {
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  std::int64_t from = 0;
};
struct newest_told {
  tl::expected<std::optional<std::int64_t>, clickhouse::error> offset;
};

// -- table transformer -> partition consumer ----------------------------------

/// A batch is decoded: answers every records_fetched.
struct records_decoded {
  std::uint64_t number = 0;
  /// That the table's block and its dead letters have grown by.
  std::size_t bytes = 0;
};

/// One table is done with the cut; its bytes are credit again.
struct cut_written {
  std::size_t table = 0;
  kafka::cut range;
  bool crowded = false;
};
/// The table's block of the cut is to be divided at exactly these ends; it is
/// answered with split_recorded.
struct split_wanted {
  std::size_t table = 0;
  kafka::cut range;
  std::vector<std::int64_t> splits;
  /// Because it is too large: cuts to come should be smaller.
  bool too_large = false;
};
/// ClickHouse takes nothing for the table: it is to be left behind.
struct table_refused {
  std::size_t table = 0;
  std::string reason;
  /// Because a person said so.
  bool paused = false;
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

/// The newest state of the control log that a coordinator has saved.
struct read_snapshot {};
struct snapshot_read {
  tl::expected<gold::saved_state, clickhouse::error> state;
};
/// Save this one.
struct save_snapshot {
  gold::saved_state state;
};
struct snapshot_saved {
  std::optional<clickhouse::error> error;
};

// -- election -> supervisor -> coordinator ------------------------------------

/// Whether this node leads: it owns the partition that decides it.
struct leadership_changed {
  bool leads = false;
};

// -- timers -------------------------------------------------------------------

/// The open cut that begins at `lo` has reached its age.
struct flush_due {
  std::int64_t lo = 0;
};
/// Try again what failed, or read on.
struct retry_due {};
/// Ask whether tables that were refused can be written again.
struct probe_due {};
/// No statement of an earlier attempt at a block can run any more.
struct attempts_over {};
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_decoded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_recorded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_rejected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::dead_letter_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::split_recorded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::fetch_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::record_fetched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::find_offset)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::offset_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::find_retention)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::retention_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::rows_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::rows_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::find_newest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::newest_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::ask_rows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::rows_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::ask_newest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::newest_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::split_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::table_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::probe_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::insert_block)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::insert_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::cut_written)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::run_window)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::window_finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::read_ledger)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::ledger_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::read_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::snapshot_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::save_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::snapshot_saved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::leadership_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::flush_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::retry_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::attempts_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::report_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::restart_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::drain_expired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::coordinator_restart_due)
