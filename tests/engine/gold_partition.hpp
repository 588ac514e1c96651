// The way of one partition's changes into a silver table and of what they touch
// into the control log, step by step in the order of the product's actors
// (table_transformer, window_marker, inserter), so that a test can put anything
// between two steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "clickhouse/client.hpp"
#include "gold/control_records.hpp"
#include "marks/cut_touches.hpp"
#include "marks/feed.hpp"
#include "tests/engine/gold_source.hpp"

namespace sluice::clickhouse::testing {

/// A rule of the protocol that a test leaves out, to see that it is needed.
enum class broken_rule {
  none,
  no_mark,
  mark_before_rows,
  commit_before_mark,
  no_note,
  no_question_after,
};

/// The records, by their offsets, as they lie in Kafka.
using control_records = std::vector<std::string>;

/// The wall clock of all streams: some days after the events.
inline constexpr std::chrono::sys_seconds stream_clock{
    std::chrono::seconds{source_end + 3 * 86'400}};

struct partition_parts {
  const silver::table_layout& layout;
  const std::vector<marks::feed>& feeds;
  std::int32_t partition;
  const source_log& log;
  control_records& control;
  std::mt19937_64& random;
  broken_rule broken;
};

class gold_partition {
public:
  explicit gold_partition(const partition_parts& parts) : parts_{parts} {}

  /// One step of one cut, or a new cut, or a commit; false: all is committed.
  bool step(client& on);

  /// The owner dies. Cuts that are recorded and not committed come again, each
  /// whole, whatever of it was done.
  void crash();

private:
  enum class stage { noting, inserting, asking, marking, done };
  struct cut {
    gold::cut_name name;
    // Of the log.
    std::size_t first = 0;
    std::size_t last = 0;
    bool replayed = false;
    silver::block_ptr rows;
    marks::cut_touches touches;
    stage at = stage::noting;
    bool begun = false;
    bool is_noted = false;
    std::size_t asked = 0;
    bool asked_again = false;
    gold::touched_golds left;
    gold::touched_golds marked;
  };

  void open(std::size_t last, bool replayed);
  [[nodiscard]] bool may_advance(const cut& which) const;
  void advance(cut& which, client& on);
  void note(cut& which, client& on);
  void insert(const cut& which, client& on) const;
  void mark(cut& which, client& on);
  void append_mark(const cut& which);
  void ask(const marks::question& what, gold::touched_golds& golds,
           client& on) const;
  bool commit();
  [[nodiscard]] std::size_t below(std::size_t bound) const;

  partition_parts parts_;
  // In Kafka: how far all is finished, and where recorded cuts end beyond.
  std::size_t committed_ = 0;
  std::deque<std::size_t> recorded_;
  // In memory: the cuts from committed_ on.
  std::deque<std::unique_ptr<cut>> cuts_;
};

} // namespace sluice::clickhouse::testing
