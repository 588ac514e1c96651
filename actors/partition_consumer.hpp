// Owns one assigned partition: finds out where it stands, takes its records
// while there is credit, decides its cuts, and is the only one that commits it.
//
//   recovering ──► taking ◄──► full (no credit, no room)
//   (asks silver)    │ drain, or a table that can be written again
//                    ▼
//                 draining ──► ended (settled)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/cut_pace.hpp"
#include "actors/held_memory.hpp"
#include "actors/insert_slots.hpp"
#include "actors/interfaces.hpp"
#include "actors/memory_budget.hpp"
#include "actors/takeover.hpp"
#include "kafka/cut_ledger.hpp"
#include "kafka/offset_audit.hpp"
#include "kafka/source.hpp"
#include "status/metrics.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// A table that the partition's topic feeds.
struct fed_table {
  std::string name;
  topology::table_start start;
  /// Its versions are Kafka's order of its key's records.
  bool ordered_by_partition = false;
  batching_writer_actor writer;
};

/// What a partition consumer is made of.
struct partition_consumer_parts {
  explicit partition_consumer_parts(const status::partition_metrics& counts)
      : metrics{counts} {}

  std::unique_ptr<kafka::partition_source> source;
  /// kafka::name_hash() of the pipeline's name; 0: not recorded.
  std::uint32_t pipeline = 0;
  kafka::committed_position committed;
  /// The log when the position was read.
  kafka::log_bounds bounds;
  /// Partitions of the topic; 0: unknown.
  std::int32_t partition_count = 0;
  topology::tuning tuning;
  topology::recovery recovery;
  /// At least one.
  std::vector<fed_table> tables;
  record_fetcher_actor records;
  /// Called once, with each table's epoch: spawns their transformers, in the
  /// order of `tables`.
  std::function<std::vector<table_transformer_actor>(
      partition_consumer_actor consumer,
      const std::vector<std::uint16_t>& epochs)>
      spawn_transformers;
  std::shared_ptr<memory_budget> memory;
  std::shared_ptr<insert_slots> slots;
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
  void handle(const records_decoded& decoded);
  void flush(std::int64_t lo);
  void handle(const commit_answered& answer);
  void commit();
  void handle(const cut_written& written);
  void handle(const split_wanted& wanted);
  void handle(const table_refused& refused);
  void probe();
  void drain();
  void handle(const table_reset& told);
  void report();

private:
  struct leftover {
    kafka::record_batch_ptr batch;
    std::size_t first = 0;
  };

  // Finding out where the partition stands: partition_recovery.cpp.
  void ask_tables();
  void ask_start(std::size_t table);
  void answered();
  void confirmed();
  void ask_retention();
  void begin(takeover from);
  [[nodiscard]] bool is_same_topic(const kafka::record& first);
  void restart_from(const takeover& from);
  void tell(const std::vector<std::string>& notes);
  [[nodiscard]] std::string said(const std::string& what) const;

  // Taking records and cutting them.
  [[nodiscard]] bool may_take() const;
  [[nodiscard]] std::size_t credit() const;
  [[nodiscard]] kafka::record_batch_ptr next_batch();
  void feed(const kafka::record_batch_ptr& batch, std::size_t first);
  void append(const kafka::record_batch_ptr& batch, std::size_t first,
              std::size_t last);
  [[nodiscard]] std::optional<std::int64_t> bound() const;
  [[nodiscard]] bool is_behind() const;
  void close_if_full(std::int64_t hi);
  void close_if_passed();
  void close_cut(std::int64_t hi);
  void fail_of(const kafka::source_failure& failure);

  void release_recorded();
  [[nodiscard]] bool audit(const kafka::commit_request& request);
  void account();
  void send_report();
  [[nodiscard]] status::partition_state state() const;
  [[nodiscard]] std::int64_t lag(const kafka::log_bounds& bounds) const;
  [[nodiscard]] std::vector<status::held_table> held() const;
  void end_if_settled();
  void end(caf::error reason);

  partition_consumer_actor::pointer self_;
  std::shared_ptr<partition_consumer_parts> parts_;
  partition_standing standing_;
  std::size_t unanswered_ = 0;
  std::optional<kafka::fingerprint> expected_;
  std::vector<table_transformer_actor> transformers_;
  /// Made when it is known where the partition stands.
  std::optional<kafka::cut_ledger> ledger_;
  std::optional<cut_pace> pace_;
  std::vector<kafka::offset_audit> audits_;
  std::optional<leftover> leftover_;
  /// Why each table is left behind; empty: it is not.
  std::vector<std::string> refusals_;
  /// Whether it is because a person said so.
  std::vector<bool> paused_;
  /// Commit this instead of the ledger's position, then begin or start anew.
  std::optional<kafka::commit_request> restart_;
  bool restart_in_flight_ = false;
  /// Where to begin, or why not, until Kafka has confirmed that this is the
  /// owner.
  std::optional<tl::expected<takeover, std::string>> found_;
  /// Of each table; empty before the partition has begun.
  std::vector<std::uint16_t> epochs_;
  /// What was found does not know of a reset.
  bool outdated_ = false;
  bool draining_ = false;
  bool probing_ = false;
  bool asking_retention_ = false;
  held_memory held_memory_;
  /// Made when the actor starts.
  std::optional<memory_share> memory_;
  /// A message to itself is on its way: others have their turn first.
  bool goes_on_ = false;
  /// A cut was closed in this life.
  bool has_cut_ = false;
  /// That the open cut has passed.
  int ages_ = 0;
  /// It is old and waits for its slot.
  bool has_slot_ = false;
  std::string trouble_;
  /// Of what a table is held at, as of the last probe.
  std::optional<std::chrono::milliseconds> retention_left_;
  /// Conditions that a policy let pass when this life began.
  std::string notice_;
};

/// Spawnable; ends with a reason when the partition cannot go on, and without
/// one when it is drained or is to be opened anew.
partition_consumer_actor::behavior_type partition_consumer(
    partition_consumer_actor::stateful_pointer<partition_consumer_state> self,
    std::shared_ptr<partition_consumer_parts> parts);

} // namespace sluice::actors
