// Owns one assigned partition: takes its records while there is credit, decides
// its cuts, and is the only one that commits it.
//
//   waiting for the first record ──► taking ◄──► full (no credit, no room)
//                                      │ drain
//                                      ▼
//                                   draining ──► ended (settled)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/interfaces.hpp"
#include "kafka/cut_ledger.hpp"
#include "kafka/source.hpp"
#include "status/metrics.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// What a partition consumer is made of.
struct partition_consumer_parts {
  std::unique_ptr<kafka::partition_source> source;
  kafka::committed_position committed;
  /// Makes the source deliver from an offset on (std::nullopt: the earliest).
  std::function<void(std::optional<std::int64_t>)> start;
  topology::tuning tuning;
  /// Called once with the epoch of the partition's position: spawns the
  /// transformers of the tables that the topic feeds (at least one).
  std::function<std::vector<table_transformer_actor>(
      partition_consumer_actor consumer, std::uint16_t epoch)>
      spawn_transformers;
  status::partition_metrics metrics;
  metrics_actor reports;
};

class partition_consumer_state {
public:
  static inline const char* name = "partition_consumer";

  explicit partition_consumer_state(partition_consumer_actor::pointer self)
      : self_{self} {}

  void start(std::shared_ptr<partition_consumer_parts> parts);
  void take_records();
  void flush(std::int64_t lo);
  void handle(const commit_answered& answer);
  void commit();
  void handle(const cut_written& written);
  void drain();
  void report();

private:
  struct leftover {
    kafka::record_batch_ptr batch;
    std::size_t first = 0;
  };

  [[nodiscard]] bool may_take() const;
  [[nodiscard]] kafka::record_batch_ptr next_batch();
  void feed(const kafka::record_batch_ptr& batch, std::size_t first);
  void append(const kafka::record_batch_ptr& batch, std::size_t first,
              std::size_t last);
  void close_if_full(std::int64_t hi);
  void close_if_passed();
  void close_cut(std::int64_t hi);
  void release_recorded();
  [[nodiscard]] status::partition_state state() const;
  [[nodiscard]] std::int64_t lag(const kafka::log_bounds& bounds) const;
  void end_if_settled();
  void end(caf::error reason);
  template <class Message>
  void tell_transformers(const Message& message);

  partition_consumer_actor::pointer self_;
  std::shared_ptr<partition_consumer_parts> parts_;
  kafka::position_metadata recorded_;
  std::vector<table_transformer_actor> transformers_;
  /// Made with the first record when nothing was ever committed.
  std::optional<kafka::cut_ledger> ledger_;
  std::optional<leftover> leftover_;
  bool draining_ = false;
  std::string trouble_;
};

/// Spawnable; ends with a reason when the partition cannot go on.
partition_consumer_actor::behavior_type partition_consumer(
    partition_consumer_actor::stateful_pointer<partition_consumer_state> self,
    std::shared_ptr<partition_consumer_parts> parts);

} // namespace sluice::actors
