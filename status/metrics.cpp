#include "status/metrics.hpp"

#include <array>
#include <limits>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace sluice::status {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

// Seconds. An INSERT: from a small block on the loopback to a request's limit.
const Histogram::BucketBoundaries insert_buckets = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
// Freshness: from well below a cut's age to a day behind.
const Histogram::BucketBoundaries freshness_buckets = {
    0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21'600, 86'400};
// A gold run: up to and beyond its default time limit.
const Histogram::BucketBoundaries run_buckets = {
    0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800};

Family<Counter>& count(Registry& to, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(to);
}

Family<Gauge>& level(Registry& to, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(to);
}

Family<Histogram>& spread(Registry& to, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(to);
}

} // namespace

/// Every metric by name, in the order of a record's way.
struct registry::families {
  Registry all;
  Family<Gauge>& build_info =
      level(all, "sluice_build_info", "Always 1; the labels tell what runs.");
  Family<Gauge>& ready =
      level(all, "sluice_ready", "1 while the node does its work.");
  Family<Gauge>& memory_budget =
      level(all, "sluice_memory_budget_bytes",
            "Bytes that the node may hold outside the embedded ClickHouse.");
  Family<Gauge>& memory_in_use =
      level(all, "sluice_memory_in_use_bytes",
            "Bytes of the budget in use: queues, payloads and blocks.");
  Family<Counter>& restarts = count(all, "sluice_actor_restarts_total",
                                    "Restarts of an actor by the supervisor.");
  Family<Gauge>& waiting =
      level(all, "sluice_actors_waiting",
            "Actors that have failed and wait for their next start.");

  Family<Counter>& records_consumed =
      count(all, "sluice_records_consumed_total",
            "Records taken from a Kafka partition.");
  Family<Counter>& bytes_consumed =
      count(all, "sluice_consumed_bytes_total",
            "Payload bytes (keys, values, headers) taken from a partition.");
  Family<Counter>& cuts =
      count(all, "sluice_cuts_total",
            "Offset ranges finished: written by every table.");
  Family<Counter>& commits = count(all, "sluice_commits_total",
                                   "Offset commits recorded by the broker.");
  Family<Counter>& commit_failures =
      count(all, "sluice_commit_failures_total",
            "Offset commits that the broker did not record.");
  Family<Counter>& intents_replayed =
      count(all, "sluice_intents_replayed_total",
            "Recorded cuts of a former owner taken up after an assignment.");
  Family<Counter>& commits_refused =
      count(all, "sluice_commits_refused_total",
            "Offset commits that the broker refused: member, generation or a "
            "rebalance.");
  Family<Counter>& cut_gaps =
      count(all, "sluice_cut_gaps_total",
            "Auditor: offsets missing between acknowledged cuts of a table.");
  Family<Counter>& cut_overlaps =
      count(all, "sluice_cut_overlaps_total",
            "Auditor: offsets in two acknowledged cuts of a table.");
  Family<Gauge>& lag =
      level(all, "sluice_consumer_lag_records",
            "Records between the committed offset and the end of the log.");
  Family<Gauge>& committed =
      level(all, "sluice_committed_offset",
            "First offset not finished in ClickHouse, as committed.");
  Family<Gauge>& retention_left =
      level(all, "sluice_retention_left_seconds",
            "Time until retention reaches an offset that a table holds back; "
            "+Inf: none is, or the topic keeps everything.");
  Family<Gauge>& credit =
      level(all, "sluice_credit_bytes_in_use",
            "Payload bytes held from the fetch to the acknowledgement.");

  Family<Counter>& rows_written = count(all, "sluice_rows_written_total",
                                        "Rows that ClickHouse acknowledged.");
  Family<Counter>& dead_letters =
      count(all, "sluice_dead_letters_total",
            "Records sent to the dead-letter topic.");
  Family<Counter>& ignored =
      count(all, "sluice_records_ignored_total",
            "Records that made no row because none was due.");
  Family<Counter>& changed =
      count(all, "sluice_values_changed_total",
            "Values that did not fit their column and were changed.");
  Family<Counter>& insert_retries =
      count(all, "sluice_insert_retries_total",
            "Repeated INSERTs of the same block.");
  Family<Counter>& insert_failures = count(all, "sluice_insert_failures_total",
                                           "INSERTs that no retry could help.");
  Family<Counter>& splits =
      count(all, "sluice_splits_total", "Blocks that were written in pieces.");
  Family<Counter>& found_in_silver =
      count(all, "sluice_rows_found_in_silver_total",
            "Rows of a recorded range that silver already had.");
  Family<Counter>& quarantined =
      count(all, "sluice_rows_quarantined_total",
            "Rows that ClickHouse refused, sent to the dead-letter topic.");
  Family<Histogram>& insert_time =
      spread(all, "sluice_insert_seconds",
             "Time of one INSERT until its acknowledgement.");
  Family<Histogram>& freshness =
      spread(all, "sluice_freshness_seconds",
             "Time from a record's timestamp to its acknowledgement.");
  Family<Gauge>& blocks_in_flight =
      level(all, "sluice_blocks_in_flight",
            "Blocks given to the writer and not acknowledged.");
  Family<Gauge>& stopped =
      level(all, "sluice_table_stopped", "1 while the table is stopped.");

  Family<Counter>& gold_runs =
      count(all, "sluice_gold_runs_total", "Gold runs by outcome.");
  Family<Histogram>& gold_time =
      spread(all, "sluice_gold_run_seconds", "Time of one gold run.");
  Family<Gauge>& newest_window =
      level(all, "sluice_gold_newest_window_end_timestamp_seconds",
            "Unix time of the end of the newest published window.");
  Family<Gauge>& windows_failed = level(all, "sluice_gold_windows_failed",
                                        "Windows whose attempts are used up.");
  Family<Gauge>& windows_dirty =
      level(all, "sluice_gold_windows_dirty",
            "Gold windows whose rows have changed since their last run.");
  Family<Counter>& rows_outside =
      count(all, "sluice_gold_rows_outside_total",
            "Rows whose event time no gold window takes.");
  Family<Counter>& marks =
      count(all, "sluice_control_log_records_total",
            "Records of marks appended to the control log.");
  Family<Counter>& marked_cuts =
      count(all, "sluice_control_log_cuts_total",
            "Notes and marks of cuts in these records.");
  Family<Counter>& passed_over =
      count(all, "sluice_control_log_passed_over_total",
            "Control log records that were damaged or stale.");
};

void counter::add(double amount) { to_->Increment(amount); }

void gauge::set(double value) { to_->Set(value); }

void histogram::observe(std::chrono::duration<double> took) {
  to_->Observe(took.count());
}

void partition_metrics::gave_up() {
  lag_records.set(0);
  credit_bytes_in_use.set(0);
}

registry::registry(const std::string& version, const std::string& pipeline)
    : families_(std::make_unique<families>()) {
  families_->build_info.Add({{"version", version}, {"pipeline", pipeline}})
      .Set(1);
}

registry::~registry() = default;

partition_metrics registry::partition(const std::string& topic,
                                      std::int32_t partition) {
  auto& of = *families_;
  const std::map<std::string, std::string> labels = {
      {"topic", topic}, {"partition", std::to_string(partition)}};
  return {counter{of.records_consumed.Add(labels)},
          counter{of.bytes_consumed.Add(labels)},
          counter{of.commits.Add(labels)},
          counter{of.commit_failures.Add(labels)},
          counter{of.cuts.Add(labels)},
          counter{of.intents_replayed.Add(labels)},
          counter{of.commits_refused.Add(labels)},
          counter{of.cut_gaps.Add(labels)},
          counter{of.cut_overlaps.Add(labels)},
          gauge{of.lag.Add(labels)},
          gauge{of.committed.Add(labels)},
          gauge{of.credit.Add(labels)}};
}

void registry::retention_left(
    const std::string& topic, std::int32_t partition,
    const std::optional<std::chrono::milliseconds>& left) {
  const auto seconds = left ? std::chrono::duration<double>{*left}.count()
                            : std::numeric_limits<double>::infinity();
  families_->retention_left
      .Add({{"topic", topic}, {"partition", std::to_string(partition)}})
      .Set(seconds);
}

table_metrics::table_metrics(registry& of, std::string table)
    : rows_written(of.families_->rows_written.Add({{"table", table}})),
      insert_retries(of.families_->insert_retries.Add({{"table", table}})),
      insert_failures(of.families_->insert_failures.Add({{"table", table}})),
      splits(of.families_->splits.Add({{"table", table}})),
      rows_found_in_silver(
          of.families_->found_in_silver.Add({{"table", table}})),
      rows_quarantined(of.families_->quarantined.Add({{"table", table}})),
      insert_time(
          of.families_->insert_time.Add({{"table", table}}, insert_buckets)),
      freshness(
          of.families_->freshness.Add({{"table", table}}, freshness_buckets)),
      blocks_in_flight(of.families_->blocks_in_flight.Add({{"table", table}})),
      stopped(of.families_->stopped.Add({{"table", table}})), of_(&of),
      table_(std::move(table)) {}

void table_metrics::dead_letters(std::string_view reason,
                                 std::uint64_t number) {
  of_->families_->dead_letters
      .Add({{"table", table_}, {"reason", std::string(reason)}})
      .Increment(static_cast<double>(number));
}

void table_metrics::records_ignored(std::string_view reason,
                                    std::uint64_t number) {
  of_->families_->ignored
      .Add({{"table", table_}, {"reason", std::string(reason)}})
      .Increment(static_cast<double>(number));
}

void table_metrics::values_changed(std::string_view policy,
                                   std::uint64_t number) {
  of_->families_->changed
      .Add({{"table", table_}, {"policy", std::string(policy)}})
      .Increment(static_cast<double>(number));
}

table_metrics registry::table(const std::string& name) { return {*this, name}; }

control_log_metrics registry::control_log() {
  auto& of = *families_;
  return {counter{of.marks.Add({})}, counter{of.marked_cuts.Add({})},
          counter{of.passed_over.Add({})}};
}

gold_metrics registry::gold(const std::string& name) {
  auto& of = *families_;
  return {counter{of.gold_runs.Add({{"gold", name}, {"outcome", "done"}})},
          counter{of.gold_runs.Add({{"gold", name}, {"outcome", "failed"}})},
          histogram{of.gold_time.Add({{"gold", name}}, run_buckets)},
          gauge{of.newest_window.Add({{"gold", name}})},
          gauge{of.windows_failed.Add({{"gold", name}})},
          gauge{of.windows_dirty.Add({{"gold", name}})},
          counter{of.rows_outside.Add({{"gold", name}})}};
}

node_metrics::node_metrics(registry& of)
    : ready(of.families_->ready.Add({})),
      memory_budget(of.families_->memory_budget.Add({})),
      memory_in_use(of.families_->memory_in_use.Add({})),
      actors_waiting(of.families_->waiting.Add({})), of_(&of) {}

void node_metrics::actor_runs(std::string_view actor) {
  of_->families_->restarts.Add({{"actor", std::string(actor)}});
}

void node_metrics::actor_restarted(std::string_view actor) {
  of_->families_->restarts.Add({{"actor", std::string(actor)}}).Increment();
}

node_metrics registry::node() { return node_metrics{*this}; }

std::string registry::exposition() const {
  return prometheus::TextSerializer{}.Serialize(families_->all.Collect());
}

} // namespace sluice::status
