// Which offset ranges of one partition are open, intended, written and
// committed, for each table: the arithmetic behind exactly-once, without Kafka
// and without time. docs/guarantees.md says what must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cut.hpp"
#include "kafka/position_metadata.hpp"

namespace sluice::kafka {

/// What to commit: the first unfinished offset and the intents beyond it.
struct commit_request {
  std::int64_t offset = 0;
  std::string metadata;
};

/// A cut whose end Kafka has.
struct recorded_cut {
  cut range;
  /// Intended in a former life: someone may have written it already.
  bool replayed = false;
  bool operator==(const recorded_cut&) const = default;
};

/// Where a block was to be divided: Kafka has it now.
struct recorded_split {
  std::size_t table = 0;
  cut range;
};

/// One table that the partition feeds, at the start of a life.
struct ledger_table {
  table_position at;
  /// False: ClickHouse refuses it, or a person paused it. Its position stays.
  bool attached = true;
};

/// The life of a cut: open (taking records) -> closed (its end is decided) ->
/// recorded (Kafka has its end: inserts may begin) -> finished (every table
/// that takes part has acknowledged it) -> gone (a commit past it is recorded).
/// At most one cut is open and at most one commit is in flight.
///
/// A table takes part in a cut when it is attached and its frontier is not
/// beyond the cut's lo. Reading begins at the smallest frontier of an attached
/// table; the committed offset is the smallest frontier of all. Tables are
/// named by their index. Not thread-safe: owned by the partition's consumer.
class cut_ledger {
public:
  /// `committed` is what Kafka has; its intents are cut again at exactly the
  /// same ends. Of its tables only those in `tables` (at least one) count.
  cut_ledger(std::int64_t offset, position_metadata committed,
             std::vector<ledger_table> tables);

  // -- taking records ---------------------------------------------------------

  /// First offset of the cut that is open or opens next.
  [[nodiscard]] std::int64_t open_lo() const { return open_lo_; }
  /// The end that the open cut must have because it was recorded before a
  /// crash or a rebalance; std::nullopt: it ends where the limits say.
  [[nodiscard]] std::optional<std::int64_t> intended_end() const;
  /// The open cut may not pass this: another table's frontier or an intent of a
  /// former life begins there. std::nullopt: no limit.
  [[nodiscard]] std::optional<std::int64_t> limit() const;
  /// Whether a table takes part in the cut that is open or opens next.
  [[nodiscard]] bool takes_part(std::size_t table) const;
  /// How many do.
  [[nodiscard]] std::size_t taking_part() const;
  /// Accounts records taken into the open cut.
  void add(std::size_t records, const fingerprint& last);
  [[nodiscard]] std::size_t open_records() const { return open_records_; }
  /// Offset of the last record taken into the open cut; -1: none was.
  [[nodiscard]] std::int64_t open_last() const {
    return open_last_ ? open_last_->offset : -1;
  }
  /// Cuts that are closed and not finished.
  [[nodiscard]] std::size_t unfinished() const;
  /// Whether the cut that began at `lo` is closed and finished.
  [[nodiscard]] bool is_finished(std::int64_t lo) const;
  /// Whether one more cut's intent still fits the metadata.
  [[nodiscard]] bool has_room() const;

  /// Ends the open cut at `hi` (> open_lo(); the intended end if there is one;
  /// not beyond limit()) and opens the next one there.
  cut close(std::int64_t hi);

  // -- tables -----------------------------------------------------------------

  /// One table has the rows of the cut that begins at `lo`; false when it does
  /// not wait for that (an acknowledgement that came twice or late).
  bool acknowledge(std::size_t table, std::int64_t lo);
  /// Whether the cut that begins at `lo` still needs the table's word.
  [[nodiscard]] bool waits_for(std::size_t table, std::int64_t lo) const;
  /// The table takes part no more: its frontier stays where it is, and nothing
  /// of it is waited for.
  void detach(std::size_t table);
  [[nodiscard]] bool attached(std::size_t table) const;
  /// First offset whose row the table may lack.
  [[nodiscard]] std::int64_t frontier(std::size_t table) const;
  /// Divides the table's block of an unfinished cut at `ends` (within the cut)
  /// instead of where it was divided before; it comes out of take_splits() once
  /// Kafka has it. False: it does not fit the metadata, or the table does not
  /// wait for the cut.
  bool split(std::size_t table, std::int64_t lo,
             const std::vector<std::int64_t>& ends);
  /// Where the table's block of a cut is divided: ends, ascending.
  [[nodiscard]] std::vector<std::int64_t> splits(std::size_t table,
                                                 const cut& range) const;

  // -- committing -------------------------------------------------------------

  /// The commit to send now, which then is in flight; std::nullopt when one is
  /// in flight already or Kafka has everything.
  [[nodiscard]] std::optional<commit_request> next_commit();
  /// The commit in flight was answered without an error.
  void commit_recorded();
  /// The commit in flight failed or its outcome is unknown: nothing of it
  /// counts, and next_commit() offers it again.
  void commit_failed();
  [[nodiscard]] bool commit_in_flight() const { return in_flight_.has_value(); }

  /// Cuts whose end is recorded and whose inserts may begin; each comes out
  /// once, in order.
  [[nodiscard]] std::vector<recorded_cut> take_recorded();
  /// Divisions that are recorded; each comes out once.
  [[nodiscard]] std::vector<recorded_split> take_splits();

  /// The smallest frontier of all tables: what is to be committed.
  [[nodiscard]] std::int64_t frontier() const;
  /// The offset that Kafka is known to have.
  [[nodiscard]] std::int64_t committed() const { return committed_; }
  /// Nothing is closed and unfinished, and Kafka has the frontiers.
  [[nodiscard]] bool settled() const;

private:
  struct entry {
    cut range;
    std::vector<bool> missing; // by table: not acknowledged
    std::optional<fingerprint> last;
    std::uint64_t revision = 0;
    bool replayed = false;
    bool handed_out = false;
    [[nodiscard]] bool finished() const;
  };
  struct pending_split {
    std::size_t table;
    cut range;
    std::uint64_t revision;
  };
  struct flight {
    std::int64_t offset;
    std::uint64_t revision;
    std::int64_t shared_frontier;
    std::optional<fingerprint> last;
  };

  [[nodiscard]] bool needs(std::size_t table, const cut& intent) const;
  [[nodiscard]] std::int64_t shared_frontier() const;
  [[nodiscard]] table_position position(std::size_t table) const;
  [[nodiscard]] std::vector<cut> intents() const;
  [[nodiscard]] position_metadata metadata(std::int64_t offset) const;
  [[nodiscard]] std::optional<fingerprint>
  last_below(std::int64_t offset) const;
  void forget_finished();

  /// Epoch and partition count; the intents of former lives and of detached
  /// tables; the fingerprint below committed_.
  position_metadata base_;
  std::vector<ledger_table> tables_;
  std::deque<entry> entries_; // contiguous, up to open_lo_
  std::vector<pending_split> splitting_;
  std::int64_t open_lo_;
  std::size_t open_records_ = 0;
  std::optional<fingerprint> open_last_;
  std::int64_t committed_;
  std::int64_t recorded_shared_frontier_;
  std::uint64_t first_revision_; // where the tables are at the start
  std::uint64_t wanted_;         // of what must be recorded
  std::uint64_t recorded_ = 0;   // of what Kafka has
  std::optional<flight> in_flight_;
};

} // namespace sluice::kafka
