// A partition consumer between a fake partition, transformers and writers.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/failure.hpp"
#include "actors/partition_consumer.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_partition.hpp"

namespace sluice::actors {

using kafka::commit_status;

/// What one transformer under the consumer was told.
struct transformer_log {
  std::vector<std::int64_t> offsets;
  std::vector<kafka::cut> closed;
  std::vector<kafka::cut> recorded;
  std::vector<bool> replayed;
  std::vector<std::vector<std::int64_t>> splits;
  /// Whether batches are decoded, and what a record becomes in the block.
  bool decodes = true;
  std::size_t row_bytes = 10;
  /// Batches that are not decoded yet, and their records.
  std::vector<std::pair<std::uint64_t, std::size_t>> undecoded;
};

/// What a writer says when it is asked where its table stands.
struct writer_log {
  std::vector<find_newest> asked;
  newest_found answer;
};

class consumer_test : public actor_test {
protected:
  static constexpr int tables = 2;

  /// Starts a consumer from what `kafka_` holds, and has its first position
  /// recorded.
  void start(int fed = 1) {
    fed_ = fed;
    auto parts = std::make_shared<partition_consumer_parts>(
        metrics_.partition("orders", 0));
    parts->source = kafka_.open();
    parts->pipeline = pipeline_;
    parts->committed = kafka_.stored;
    parts->bounds = bounds_.value_or(kafka_.bounds());
    parts->partition_count = partition_count_;
    parts->tuning = tuning_;
    parts->recovery = recovery_;
    for (auto i = 0; i < fed; ++i)
      parts->tables.push_back({name(i), starts_[static_cast<std::size_t>(i)],
                               true, spawn_writer(i)});
    parts->slots = slots_;
    parts->records = spawn_records();
    parts->spawn_transformers = [this](const partition_consumer_actor&,
                                       const std::vector<std::uint16_t>& of) {
      epochs_ = of;
      std::vector<table_transformer_actor> result;
      for (std::size_t i = 0; i < of.size(); ++i)
        result.push_back(spawn_transformer(logs_[i]));
      transformer_ = result.front();
      return result;
    };
    parts->memory = memory_;
    parts->reports = keep_reports();
    consumer_ = own(system_.spawn(partition_consumer, std::move(parts)));
    ended_ = watch(consumer_);
    settle();
    if (!kafka_.commits.empty() && !ended_->has_value())
      answer(first_answer_);
  }

  static std::string name(int table) { return "table" + std::to_string(table); }

  /// The text of a position at `offset` at which every fed table stands.
  static std::string position(std::int64_t offset,
                              std::vector<kafka::cut> intents, int fed = 1,
                              std::uint16_t epoch = 0) {
    kafka::position_metadata metadata;
    metadata.epoch = epoch;
    metadata.intents = std::move(intents);
    for (auto i = 0; i < fed; ++i)
      metadata.tables.push_back(
          {kafka::name_hash(name(i)), offset, {}, epoch, {}});
    return kafka::encode(metadata, offset);
  }

  metrics_actor keep_reports() {
    return own(system_.spawn([this]() -> metrics_actor::behavior_type {
      return {[this](const partition_reported& m) { reported_ = m.report; },
              [](const partition_gone&) {},
              [](const table_reported&) {},
              [](const records_counted&) {},
              [](const golds_reported&) {},
              [](const trouble_reported&) {},
              [](const actor_failed&) {},
              [](const actor_recovered&) {},
              [](const phase_changed&) {}};
    }));
  }

  batching_writer_actor spawn_writer(int table) {
    auto log = writers_[static_cast<std::size_t>(table)];
    return own(system_.spawn([log]() -> batching_writer_actor::behavior_type {
      return {[](const rows_ready&) { return rows_answered{}; },
              [log](const find_newest& what) {
                log->asked.push_back(what);
                return log->answer;
              },
              [](const pause_told&) {},
              [](const retry_due&) {},
              [](const attempts_over&) {},
              [](const report_due&) {}};
    }));
  }

  record_fetcher_actor spawn_records() {
    return own(system_.spawn([]() -> record_fetcher_actor::behavior_type {
      return {[](const fetch_record&) { return record_fetched{}; },
              [](const find_offset&) { return offset_found{4}; },
              [](const find_retention&) {
                return retention_told{std::chrono::hours{5}};
              }};
    }));
  }

  table_transformer_actor
  spawn_transformer(std::shared_ptr<transformer_log> log) {
    return own(system_.spawn([this,
                              log]() -> table_transformer_actor::behavior_type {
      return {
          [this, log](const records_fetched& fetched) {
            for (auto i = fetched.first; i < fetched.last; ++i)
              log->offsets.push_back(fetched.batch->records()[i].offset);
            log->undecoded.emplace_back(fetched.number,
                                        fetched.last - fetched.first);
            if (log->decodes)
              decode(*log);
          },
          [log](const cut_closed& m) { log->closed.push_back(m.range); },
          [log](const cut_recorded& m) {
            log->recorded.push_back(m.range);
            log->replayed.push_back(m.replayed);
          },
          [log](const split_recorded& m) { log->splits.push_back(m.splits); }};
    }));
  }

  void produce(int count) {
    for (auto i = 0; i < count; ++i)
      kafka_.produce("k", std::string(10, 'v'));
    settle();
  }

  void decode(transformer_log& log) {
    for (const auto& [number, rows] : std::exchange(log.undecoded, {}))
      caf::anon_send(consumer_, records_decoded{number, rows * log.row_bytes});
  }

  void acknowledge(kafka::cut range, std::size_t table = 0) {
    caf::anon_send(consumer_, cut_written{table, range});
    settle();
  }
  void refuse(std::size_t table, const std::string& why) {
    writers_[table]->answer.refused = why;
    caf::anon_send(consumer_, table_refused{table, why});
    settle();
  }

  void answer(commit_status status = commit_status::recorded) {
    kafka_.answer_commit(status, "because");
    settle();
  }

  void tell_reset(const std::string& table, std::uint16_t epoch) {
    caf::anon_send(consumer_, table_reset{table, epoch});
    settle();
  }

  /// Two tables, of which the second is refused at offset 0 while the first
  /// is at 3.
  void refuse_the_second_table() {
    start(2);
    produce(3);
    pass(tuning_.cut_age);
    answer();
    acknowledge({0, 3}, 0);
    refuse(1, "no such table");
    while (!kafka_.commits.empty())
      answer();
    produce(2);
    pass(tuning_.cut_age);
    while (!kafka_.commits.empty())
      answer();
    acknowledge({3, 5}, 0);
    while (!kafka_.commits.empty())
      answer();
  }

  [[nodiscard]] std::string reason() const {
    return ended_->has_value() ? failure_text(**ended_) : "alive";
  }

  status::registry metrics_{"test", "test"};
  kafka::fake_partition kafka_{{"orders", 0}};
  std::optional<kafka::log_bounds> bounds_;
  std::int32_t partition_count_ = 4;
  std::uint32_t pipeline_ = 0;
  topology::tuning tuning_;
  topology::recovery recovery_;
  commit_status first_answer_ = commit_status::recorded;
  std::array<topology::table_start, tables> starts_;
  std::shared_ptr<memory_budget> memory_ =
      std::make_shared<memory_budget>(256U << 20U);
  std::array<std::shared_ptr<transformer_log>, tables> logs_{
      std::make_shared<transformer_log>(), std::make_shared<transformer_log>()};
  std::shared_ptr<transformer_log> log_ = logs_[0];
  std::array<std::shared_ptr<writer_log>, tables> writers_{
      std::make_shared<writer_log>(), std::make_shared<writer_log>()};
  std::shared_ptr<insert_slots> slots_ = std::make_shared<insert_slots>(1000);
  int fed_ = 1;
  /// The newest report.
  status::partition_report reported_;
  std::vector<std::uint16_t> epochs_;
  table_transformer_actor transformer_;
  partition_consumer_actor consumer_;
  std::shared_ptr<std::optional<caf::error>> ended_;
};

} // namespace sluice::actors
