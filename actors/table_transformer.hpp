// Turns the records of one partition into the blocks of one table: decodes the
// open cut as it comes, and hands its block to the writer once the cut's end is
// recorded in Kafka.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/interfaces.hpp"
#include "cdc/decoder.hpp"
#include "silver/table_layout.hpp"
#include "status/metrics.hpp"

namespace sluice::actors {

struct table_transformer_parts {
  /// Shared by all transformers of the table.
  std::shared_ptr<const silver::table_layout> layout;
  std::string pipeline;
  kafka::topic_partition where;
  std::uint16_t epoch = 0;
  partition_consumer_actor consumer;
  batching_writer_actor writer;
  dead_letter_writer_actor dead_letters;
  status::table_metrics metrics;
  metrics_actor reports;
};

class table_transformer_state {
public:
  static inline const char* name = "table_transformer";

  explicit table_transformer_state(table_transformer_actor::pointer self)
      : self_{self} {}

  void start(table_transformer_parts parts);
  void decode(const records_fetched& fetched);
  void handle(const cut_closed& closed);
  void handle(const cut_recorded& recorded);

private:
  struct finished_cut {
    kafka::cut range;
    silver::block_ptr rows;
    std::vector<kafka::owned_record> dead_letters;
    std::int64_t newest_ms = -1;
  };

  void publish_counts();
  [[nodiscard]] std::string token(const kafka::cut& range) const;
  void write_rows(const finished_cut& cut);

  table_transformer_actor::pointer self_;
  std::optional<table_transformer_parts> parts_;
  std::unique_ptr<cdc::decoder> decoder_;
  std::unique_ptr<silver::block_builder> builder_;
  std::vector<kafka::owned_record> rejected_;
  std::int64_t newest_ms_ = -1;
  /// Since the last publish_counts(), by reason.
  std::map<cdc::ignore_reason, std::uint64_t> ignored_counts_;
  std::map<cdc::reject_reason, std::uint64_t> rejected_counts_;
  cdc::policy_counts published_;
  /// Closed, but their ends are not recorded yet; at most the cuts in flight.
  std::deque<finished_cut> finished_;
};

table_transformer_actor::behavior_type table_transformer(
    table_transformer_actor::stateful_pointer<table_transformer_state> self,
    table_transformer_parts parts);

} // namespace sluice::actors
