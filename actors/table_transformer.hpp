// Turns the records of one partition into the blocks of one table: decodes the
// open cut as it comes, and hands its block to the writer once the cut's end is
// recorded in Kafka. A block that ClickHouse refuses for its size or its data
// is divided, each time with the consumer's word that Kafka knows the pieces,
// until the guilty rows are found; they go to the dead-letter topic.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/interfaces.hpp"
#include "actors/piece_plan.hpp"
#include "actors/wall_clock.hpp"
#include "cdc/decoder.hpp"
#include "marks/cut_touches.hpp"
#include "silver/table_layout.hpp"
#include "status/metrics.hpp"

namespace sluice::actors {

struct table_transformer_parts {
  /// Shared by all transformers of the table.
  std::shared_ptr<const silver::table_layout> layout;
  std::string pipeline;
  kafka::topic_partition where;
  std::uint16_t epoch = 0;
  /// By which the consumer knows the table.
  std::size_t table = 0;
  partition_consumer_actor consumer;
  batching_writer_actor writer;
  dead_letter_writer_actor dead_letters;
  record_fetcher_actor records;
  status::table_metrics metrics;
  metrics_actor reports;
  /// The golds that the table feeds; empty: none.
  std::vector<marks::feed> feeds = {};
  /// Of the silver table; only used with feeds, as the marker is.
  std::string database = {};
  window_marker_actor marker = {};
  /// By gold of `feeds`.
  std::map<std::string, status::gold_metrics> gold_metrics = {};
  wall_clock now = system_wall_clock;
};

class table_transformer_state {
public:
  static inline const char* name = "table_transformer";

  explicit table_transformer_state(table_transformer_actor::pointer self)
      : self_{self} {}

  void start(table_transformer_parts parts);
  void handle(const records_fetched& fetched);
  void handle(const cut_closed& closed);
  void handle(const cut_recorded& recorded);
  void handle(const split_recorded& recorded);

private:
  struct finished_cut {
    kafka::cut range;
    silver::block_ptr rows;
    std::vector<kafka::owned_record> dead_letters;
    std::int64_t newest_ms = -1;
    bool replayed = false;
    /// A rejection was believed, so no attempt of a former life can succeed any
    /// more (batching_writer_parts::insert_lifetime).
    bool outlived = false;
    bool crowded = false;
    /// What happened to each row, and what that touches.
    std::vector<cdc::operation> events;
    marks::cut_touches touches;
    /// It may have left windows.
    bool is_noted = false;
    /// Silver was asked what it replaces, and it is being inserted.
    bool may_insert = false;
    bool is_inserted = false;
    /// Made with the first refusal, or for a block that is divided already.
    std::optional<piece_plan> pieces;
  };
  using cut_ptr = std::shared_ptr<finished_cut>;

  std::size_t decode(std::span<const kafka::record> records);
  void publish_counts();
  [[nodiscard]] std::string token(const kafka::cut& range) const;
  void keep(std::vector<kafka::owned_record> letters,
            std::function<void()> then);
  void begin(const cut_ptr& cut);
  void insert(const cut_ptr& cut);
  void write(const cut_ptr& cut, const kafka::cut& piece);
  void write_next(const cut_ptr& cut);
  void handle(const cut_ptr& cut, const kafka::cut& piece,
              const rows_answered& answer);
  void divide(const cut_ptr& cut, const kafka::cut& piece,
              const rows_answered& answer);
  void quarantine(const cut_ptr& cut, const kafka::cut& piece,
                  const std::string& reason);
  void finish(const cut_ptr& cut);
  void complete(const cut_ptr& cut);

  // Marks: table_transformer_marks.cpp.
  [[nodiscard]] gold::cut_name name_of(const finished_cut& cut) const;
  void find_touches(finished_cut& cut);
  [[nodiscard]] bool may_note(const cut_ptr& cut) const;
  void note(const cut_ptr& cut);
  void noted(const cut_ptr& cut);
  void mark(const cut_ptr& cut);
  void marked(const cut_ptr& cut);
  void begin_waiting();

  [[nodiscard]] std::vector<std::int64_t>
  offsets_of(const finished_cut& cut) const;
  piece_plan& pieces(finished_cut& cut) const;

  table_transformer_actor::pointer self_;
  std::optional<table_transformer_parts> parts_;
  std::unique_ptr<cdc::decoder> decoder_;
  std::unique_ptr<silver::block_builder> builder_;
  std::vector<kafka::owned_record> rejected_;
  std::int64_t newest_ms_ = -1;
  /// The table feeds golds that want to know what changes.
  bool follows_ = false;
  /// Of the open cut's rows; only if it does, as what is below.
  std::vector<cdc::operation> events_;
  /// Since the last publish_counts(), by reason.
  std::map<cdc::ignore_reason, std::uint64_t> ignored_counts_;
  std::map<cdc::reject_reason, std::uint64_t> rejected_counts_;
  cdc::policy_counts published_;
  /// Closed, but their ends are not recorded yet; at most the cuts in flight.
  std::deque<cut_ptr> finished_;
  /// Recorded, but not finished, in order.
  std::deque<cut_ptr> unfinished_;
  /// Of these, those that wait for earlier ones before they are noted.
  std::deque<cut_ptr> waiting_;
  /// Waiting for the consumer's word that their pieces are recorded, by lo.
  std::map<std::int64_t, cut_ptr> dividing_;
  /// ClickHouse takes nothing for the table: what comes is dropped.
  bool refused_ = false;
};

table_transformer_actor::behavior_type table_transformer(
    table_transformer_actor::stateful_pointer<table_transformer_state> self,
    table_transformer_parts parts);

} // namespace sluice::actors
