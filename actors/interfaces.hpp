// The typed interface of every actor, in the order in which a record meets
// them: this page is the protocol. The messages are explained in messages.hpp;
// docs/architecture.md draws the picture.
#pragma once

#include <caf/all.hpp>

#include "actors/control_messages.hpp"
#include "actors/mark_messages.hpp"
#include "actors/messages.hpp"
#include "actors/report_messages.hpp"

namespace sluice::actors {

/// One per assigned Kafka partition. Takes records while it has credit, decides
/// the cuts, records their ends, and commits what every table has written.
using partition_consumer_actor = caf::typed_actor<
    // From the source, another thread: records wait. Also to itself, to let
    // others run between two batches.
    caf::reacts_to<records_available>,
    // To itself: the open cut has reached its age.
    caf::reacts_to<flush_due>,
    // From the source, another thread: the commit in flight is answered.
    caf::reacts_to<commit_answered>,
    // To itself: repeat a commit that failed.
    caf::reacts_to<retry_due>,
    // From a transformer: it has decoded a batch.
    caf::reacts_to<records_decoded>,
    // From a transformer: its table is done with a cut.
    caf::reacts_to<cut_written>,
    // From a transformer: record where its block is divided.
    caf::reacts_to<split_wanted>,
    // From a transformer: go on without its table.
    caf::reacts_to<table_refused>,
    // To itself: ask for the tables that are left behind.
    caf::reacts_to<probe_due>,
    // From the supervisor: finish what is closed, then end.
    caf::reacts_to<drain>,
    // From the supervisor: one of its tables begins again.
    caf::reacts_to<table_reset>,
    // To itself, every second: report to the metrics actor.
    caf::reacts_to<report_due>>;

/// One per partition and table fed by its topic, linked to the partition's
/// consumer. Decodes records into the open cut's block and hands the block to
/// the writer once the cut's end is recorded.
using table_transformer_actor = caf::typed_actor<
    // From the consumer: records of the open cut.
    caf::reacts_to<records_fetched>,
    // From the consumer: the cut's end is decided; its block is complete.
    caf::reacts_to<cut_closed>,
    // From the consumer: the cut may be inserted.
    caf::reacts_to<cut_recorded>,
    // From the consumer: the pieces of a cut may be inserted.
    caf::reacts_to<split_recorded>>;

/// One per node. Puts records that cannot be decoded on the dead-letter topic.
using dead_letter_writer_actor = caf::typed_actor<
    // From a transformer; answered when the topic has them all, however often
    // that has to be tried.
    caf::replies_to<records_rejected>::with<records_kept>,
    // From the sink, another thread: the fate of one letter.
    caf::reacts_to<dead_letter_answered>,
    // To itself: try again what failed.
    caf::reacts_to<retry_due>>;

/// One per node, detached. Reads single records again.
using record_fetcher_actor = caf::typed_actor<
    // From a transformer; answered when the broker has, however often that has
    // to be tried.
    caf::replies_to<fetch_record>::with<record_fetched>,
    // From a consumer; answered likewise.
    caf::replies_to<find_offset>::with<offset_found>,
    // From a consumer; asked once, because the answer is only told.
    caf::replies_to<find_retention>::with<retention_told>>;

/// One per node, detached. Puts the windows that cuts touch into the control
/// log.
using window_marker_actor = caf::typed_actor<
    // From a transformer; answered when the log has them, however often that
    // has to be tried.
    caf::replies_to<note_windows>::with<windows_noted>,
    // From a transformer; answered likewise.
    caf::replies_to<mark_windows>::with<windows_marked>,
    // From the log, another thread: the fate of the record under way.
    caf::reacts_to<append_answered>,
    // To itself: try again what failed.
    caf::reacts_to<retry_due>>;

/// A detached pump with one connection to ClickHouse. No logic.
using window_finder_actor = caf::typed_actor<
    // From the window marker.
    caf::replies_to<find_times>::with<times_found>>;

/// One per table and node. Keeps the blocks that wait, gives them to its
/// inserters, and repeats what failed: the same block under the same token.
using batching_writer_actor = caf::typed_actor<
    // From a transformer; answered when ClickHouse has the rows, or never will.
    caf::replies_to<rows_ready>::with<rows_answered>,
    // From a consumer; answered when ClickHouse has told.
    caf::replies_to<find_newest>::with<newest_found>,
    // From the supervisor: whether the table is paused, and its last reset.
    caf::reacts_to<pause_told>,
    // To itself: a failed insert may be tried again.
    caf::reacts_to<retry_due>,
    // To itself: a block at fault has outlived its earlier attempts.
    caf::reacts_to<attempts_over>,
    // To itself, every second: report to the metrics actor.
    caf::reacts_to<report_due>>;

/// A detached pump with one connection to ClickHouse: it blocks, so that the
/// scheduler's threads never do. No logic.
using inserter_actor = caf::typed_actor<
    // From the writer: one attempt.
    caf::replies_to<insert_block>::with<insert_answered>,
    // From the writer: what silver has.
    caf::replies_to<ask_rows>::with<rows_told>,
    caf::replies_to<ask_newest>::with<newest_told>>;

/// One per node, leading on one of them. Follows the control log while it
/// leads, and decides which gold windows are due.
using coordinator_actor = caf::typed_actor<
    // From the supervisor: whether this node leads.
    caf::reacts_to<leadership_changed>,
    // To itself: something is due, or is to be tried again.
    caf::reacts_to<retry_due>,
    // To itself, every second: report to the metrics actor.
    caf::reacts_to<report_due>>;

/// A detached pump with one connection to the control log. No logic.
using control_link_actor = caf::typed_actor<
    // From the coordinator.
    caf::replies_to<read_log>::with<log_read>,
    // From the coordinator; answered when the brokers have.
    caf::replies_to<append_to_log>::with<log_appended>,
    // From the log, another thread.
    caf::reacts_to<link_answered>>;

/// A detached pump that runs gold windows in ClickHouse, one after the other.
using gold_executor_actor = caf::typed_actor<
    // From the coordinator.
    caf::replies_to<run_window>::with<window_finished>,
    // From the coordinator: the last run of every window, from the ledger.
    caf::replies_to<read_ledger>::with<ledger_read>,
    // From the coordinator: the saved state of the control log.
    caf::replies_to<read_snapshot>::with<snapshot_read>,
    caf::replies_to<save_snapshot>::with<snapshot_saved>>;

/// One per node. Starts a pipeline for every assigned partition, ends it when
/// the partition is revoked, and starts it again from the last committed cut
/// when one of its actors fails.
using supervisor_actor = caf::typed_actor<
    // From the consumer group, another thread.
    caf::reacts_to<partition_assigned>, caf::reacts_to<partition_revoked>,
    caf::reacts_to<partition_lost>, caf::reacts_to<kafka_trouble>,
    // From the election, another thread: whether this node leads.
    caf::reacts_to<leadership_changed>,
    // From the control follower: which tables are paused, or were reset.
    caf::reacts_to<controls_followed>,
    // To itself: a failed pipeline has waited out its backoff.
    caf::reacts_to<restart_due>,
    // To itself: the coordinator has waited out its backoff.
    caf::reacts_to<coordinator_restart_due>,
    // To itself: a draining pipeline has had its time.
    caf::reacts_to<drain_expired>>;

/// One per node, detached. Reads the control log for ever.
using control_follower_actor = caf::typed_actor<
    // To itself: read on.
    caf::reacts_to<retry_due>,
    // From the coordinator, while it leads.
    caf::reacts_to<trim_log>,
    // From the log, another thread.
    caf::reacts_to<tables_restated>>;

/// One per node. Keeps the newest report of everyone for the status page and
/// sets the gauges that are derived from them.
using metrics_actor = caf::typed_actor<
    caf::reacts_to<partition_reported>, caf::reacts_to<partition_gone>,
    caf::reacts_to<table_reported>, caf::reacts_to<records_counted>,
    caf::reacts_to<golds_reported>, caf::reacts_to<trouble_reported>,
    caf::reacts_to<actor_failed>, caf::reacts_to<actor_recovered>,
    caf::reacts_to<phase_changed>>;

} // namespace sluice::actors
