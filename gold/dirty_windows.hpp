// What the control log says about gold: which windows are dirty, who leads,
// how far the watermarks are. A fold over the log's records, in their order:
// every node that has read the same records has the same state. Pure; not
// thread-safe.
//
//   A window is dirty if a mark of it lies beyond what its last finished run
//   covers.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "gold/control_records.hpp"
#include "gold/window.hpp"
#include "gold/window_rule.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// Why a window is to be run.
struct dirt {
  /// Offset of the newest record that touched it: a run that covers more makes
  /// it clean.
  std::int64_t newest_mark = 0;
  /// When this node saw the first and the newest of them, by its wall clock.
  instant first_seen{};
  instant last_seen{};
  /// Somebody asked for a run, whatever has changed.
  bool requested = false;
  /// A gold that it runs after has run.
  bool follows = false;
  bool operator==(const dirt&) const = default;
};

/// The node that leads: whoever began the newest term.
struct leader_term {
  /// Offset of its record.
  std::int64_t number = 0;
  std::string node;
  std::string nonce;
  bool operator==(const leader_term&) const = default;
};

class dirty_windows {
public:
  /// The error is one line: a gold whose windows cannot be made.
  [[nodiscard]] static tl::expected<dirty_windows, std::string>
  make(const std::vector<topology::gold>& golds);

  /// The record at `offset`, seen at `now` on this node's wall clock.
  void obey(std::int64_t offset, const control_message& message, instant now);
  /// Everything below `next` has been read.
  void pass(std::int64_t next) { next_ = std::max(next_, next); }

  /// Offset of the first record that was not read.
  [[nodiscard]] std::int64_t next() const { return next_; }
  [[nodiscard]] const std::optional<leader_term>& leader() const {
    return leader_;
  }
  /// By window, oldest first. `gold` is one of the topology's.
  [[nodiscard]] const std::map<window, dirt>& of(std::string_view gold) const;
  [[nodiscard]] const window_rule& rule(std::string_view gold) const;

  /// Every event time before it has been seen in all partitions, as far as one
  /// can know: the least of the newest acknowledged event times of the
  /// partitions; those that gave none for `window.idle` do not count, unless
  /// all are idle (then the greatest of all). std::nullopt: none was seen.
  [[nodiscard]] std::optional<std::chrono::sys_seconds>
  watermark(std::string_view gold, instant now) const;

  /// Cuts that have noted windows and are not marked yet.
  [[nodiscard]] std::size_t noted() const { return notes_.size(); }
  /// Records of runs that another term's coordinator began: passed over.
  [[nodiscard]] std::uint64_t stale_runs() const { return stale_runs_; }

  /// All of it as one JSON text, for a snapshot.
  [[nodiscard]] std::string snapshot() const;
  /// Takes up where a snapshot was made; the golds are today's, what is told of
  /// others is kept for whoever knows them. Nothing is changed by an error.
  [[nodiscard]] tl::expected<void, std::string> restore(std::string_view text,
                                                        instant now);

  /// The log was made anew: what is dirty stays so until it is run, and the
  /// records are read from the first one on.
  void begin_anew();

private:
  struct source {
    std::int64_t newest = std::numeric_limits<std::int64_t>::min();
    instant seen{};
  };
  /// Offsets of the newest records that asked for a window; a run that covers
  /// more has done what they asked for, even if the window is dirty again.
  struct wishes {
    std::int64_t request = -1;
    std::int64_t predecessor = -1;
  };
  struct watched {
    topology::gold what;
    window_rule rule;
    std::map<window, dirt> windows;
    /// What has asked for those that are requested, or follow.
    std::map<window, wishes> wished;
    /// By "topic/partition".
    std::map<std::string, source> sources;
    /// Golds that run after it.
    std::vector<std::string> followers;
  };

  void obey(std::int64_t offset, const cuts_marked& message, instant now);
  void obey(std::int64_t offset, const term_begun& message, instant now);
  void obey(std::int64_t offset, const run_finished& message, instant now);
  void obey(std::int64_t offset, const run_requested& message, instant now);
  void widen_notes(const cut_mark& by);
  void settle_notes(std::int64_t offset, const cut_name& by, instant now);
  void touch(std::int64_t offset, const touched_golds& golds, instant now);
  enum class cause { change, request, predecessor };
  static void touch(watched& gold, const time_range& range, std::int64_t offset,
                    instant now, cause why);
  static void touch(watched& gold, const window& what, std::int64_t offset,
                    instant now, cause why);
  static void clean(watched& gold, const window& what, std::int64_t covers);
  [[nodiscard]] const watched& at(std::string_view gold) const;
  void restore_strangers(const nlohmann::json& from, instant now);

  std::map<std::string, watched, std::less<>> golds_;
  std::map<cut_name, touched_golds> notes_;
  /// Of golds that this node does not know: another's topology has them, or
  /// this one's will.
  touched_golds strangers_;
  std::optional<leader_term> leader_;
  std::int64_t next_ = 0;
  std::uint64_t stale_runs_ = 0;
};

} // namespace sluice::gold
