// Which offset ranges of one partition are open, intended, written and
// committed: the arithmetic behind exactly-once, without Kafka and without
// time. docs/architecture.md, "Exactly once", says what must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "kafka/position_metadata.hpp"

namespace sluice::kafka {

/// A contiguous offset range [lo, hi) of one partition: one block per table.
/// `lo` names it within one life of the partition's pipeline.
struct cut {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  bool operator==(const cut&) const = default;
};

/// What to commit: the first unfinished offset and the intents beyond it.
struct commit_request {
  std::int64_t offset = 0;
  std::string metadata;
};

/// The life of a cut: open (taking records) -> closed (its end is decided) ->
/// recorded (Kafka has its end: inserts may begin) -> finished (every table
/// has acknowledged it) -> gone (a commit past it is recorded). At most one
/// cut is open and at most one commit is in flight. Not thread-safe: owned by
/// the partition's consumer.
class cut_ledger {
public:
  /// Begins at the committed position. `tables` acknowledgements finish a cut
  /// (at least 1). The cuts that `committed` intends are cut at exactly the
  /// same ends again, before any other.
  cut_ledger(std::int64_t start, const position_metadata& committed,
             std::size_t tables);

  // -- taking records ---------------------------------------------------------

  /// First offset of the cut that is open or opens next.
  [[nodiscard]] std::int64_t open_lo() const { return open_lo_; }
  /// The end that the open cut must have because it was recorded before a
  /// crash or a rebalance; std::nullopt: it ends where the limits say.
  [[nodiscard]] std::optional<std::int64_t> intended_end() const;
  /// Accounts records taken into the open cut.
  void add(std::size_t records, std::size_t bytes);
  [[nodiscard]] std::size_t open_records() const { return open_records_; }
  [[nodiscard]] std::size_t open_bytes() const { return open_bytes_; }
  /// Payload bytes of the open cut and of all unfinished ones.
  [[nodiscard]] std::size_t bytes_in_flight() const;
  /// Cuts that are closed and not finished.
  [[nodiscard]] std::size_t unfinished() const;

  /// Ends the open cut at `hi` (> open_lo(); the intended end if there is one)
  /// and opens the next one there.
  cut close(std::int64_t hi);

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
  [[nodiscard]] std::vector<cut> take_recorded();

  /// One more table has acknowledged the cut that begins at `lo`; false when
  /// no such cut is unfinished (an acknowledgement that came twice or late).
  bool acknowledge(std::int64_t lo);

  /// First offset that is not finished.
  [[nodiscard]] std::int64_t frontier() const;
  /// The offset that Kafka is known to have.
  [[nodiscard]] std::int64_t committed() const { return committed_; }
  /// Nothing is closed and unfinished, and Kafka has the frontier.
  [[nodiscard]] bool settled() const;

private:
  struct entry {
    cut range;
    std::size_t bytes = 0;
    std::size_t missing = 0; // acknowledgements
    bool recorded = false;
    bool handed_out = false;
  };

  std::vector<std::int64_t> ends_beyond(std::int64_t offset) const;

  std::size_t tables_;
  std::uint16_t epoch_;
  std::deque<entry> entries_; // closed cuts from the frontier on
  std::deque<std::int64_t> intended_;
  std::int64_t open_lo_;
  std::size_t open_records_ = 0;
  std::size_t open_bytes_ = 0;
  std::int64_t committed_;
  std::int64_t recorded_end_; // everything below is recorded
  struct flight {
    std::int64_t offset;
    std::int64_t end;
  };
  std::optional<flight> in_flight_;
};

} // namespace sluice::kafka
