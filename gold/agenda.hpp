// Which gold window runs next: the coordinator's state machine without clock,
// I/O or thread. The coordinator asks take_due(), runs what it gets, reports
// finished() or failed(), and wakes again at next_wake(). What is due comes
// from schedules, from people, and from what the control log says has changed.
//
//   waiting ─► running ─► done
//                │  ▲
//                ▼  │ retry.delay, at most retry.attempts times
//             retrying ─► (running) ─► failed
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gold/dirty_windows.hpp"
#include "gold/ledger.hpp"
#include "gold/readiness.hpp"
#include "gold/schedule.hpp"
#include "gold/window.hpp"
#include "gold/window_rule.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

enum class window_state { waiting, running, retrying, done, failed };

/// "waiting", "running", ...
[[nodiscard]] std::string_view to_string(window_state state);

/// One run that is to be started now.
struct due_run {
  std::string gold;
  window what;
  /// 1 for the first attempt.
  int attempt = 1;
  /// The schedule as written, "manual", "catchup", "repair", ...
  std::string trigger;
  /// Everything below this offset of the control log was read before.
  std::int64_t covers = 0;
  bool operator==(const due_run&) const = default;
};

/// What the agenda knows of one window.
struct window_status {
  window what;
  window_state state = window_state::waiting;
  int attempt = 0;
  std::string trigger;
  /// Reason of the last failed attempt; empty: none.
  std::string error;
  std::uint64_t rows = 0;
  /// When the next attempt is due (waiting, retrying).
  instant due_at{};
  /// When the last attempt ended (retrying, done, failed).
  instant ended_at{};
};

/// Not thread-safe: owned by the coordinator.
class agenda {
public:
  /// Plans from `now` on. The topology reader has checked the triggers with
  /// schedule::parse, the plan the time zones; what cannot be parsed or found
  /// is an error in one line naming the gold.
  ///
  /// `recorded` is the newest ledger entry of each window (read_newest_runs):
  ///  - a window whose newest run failed with attempts left, or was cut off
  ///    with its node, is taken up again as the next attempt;
  ///  - with `catchup: true`, so are all windows without an entry that ended
  ///    between the gold's `start` (without one: the oldest window that a
  ///    schedule ran) and the last firing, the newest `windows_max` of them;
  ///    with `catchup: false` firings missed while no node ran are skipped,
  ///    but for those of the last minute: there may have been a leader before.
  [[nodiscard]] static tl::expected<agenda, std::string>
  plan(const std::vector<topology::gold>& golds,
       const std::vector<ledger_entry>& recorded, instant now);

  /// The runs to start at `now`, each handed out once: they count as running
  /// until finished() or failed() is called for them. Never a window twice at
  /// once, and no more than `slots` runs in all; where there are several slots
  /// one is kept for fresh windows. First come fresh windows, then late ones,
  /// then backfill; of one rank the oldest window.
  [[nodiscard]] std::vector<due_run> take_due(const dirty_windows& log,
                                              std::size_t slots, instant now);

  /// Outcome of a run that take_due() gave; anything else (repeated, unknown)
  /// changes nothing.
  void finished(const due_run& run, std::uint64_t rows, instant now);
  void failed(const due_run& run, std::string reason, instant now);

  /// Asks for a run of a window: by a person ("manual") or because what is
  /// published is not what was run ("repair"). It gets all its attempts anew;
  /// while the window is already waiting or running nothing is added, but a
  /// running one runs once more afterwards. A repair, which is asked for again
  /// and again, leaves one alone that waits for its next attempt or has had the
  /// last. False: no such gold, or the bounds are not a window of it.
  bool request(std::string_view gold, const window& what,
               std::string_view trigger, instant now);

  /// When take_due() may have something new after `now`, given that nothing is
  /// reported, requested or read from the log before; std::nullopt: never.
  [[nodiscard]] std::optional<instant> next_wake(const dirty_windows& log,
                                                 instant now) const;

  /// The next firing of the gold's schedules.
  [[nodiscard]] std::optional<std::chrono::sys_seconds>
  next_firing(std::string_view gold) const;

  /// Windows that the agenda knows, oldest first: all that are not finished,
  /// and, since the last take_due(), the newest finished ones
  /// (`statuses_kept`).
  [[nodiscard]] std::vector<window_status> windows(std::string_view gold) const;

  /// Finished windows that are remembered per gold, for the status page.
  static constexpr std::size_t statuses_kept = 50;

private:
  struct entry {
    window_status status;
    // Of its last run; no mark is below -1.
    std::int64_t covers = -1;
    instant began_at{};
    run_rank rank = run_rank::fresh;
    // Asked for again while it was running.
    std::optional<std::string> again;
  };
  struct planned_schedule {
    schedule rule;
    std::optional<std::chrono::sys_seconds> next;
  };
  struct planned_gold {
    topology::gold what;
    window_rule rule;
    std::vector<planned_schedule> schedules;
    std::optional<schedule> refresh;
    std::optional<instant> last_firing;
    instant planned_at{};
    std::map<window, entry> windows;
  };
  struct candidate {
    planned_gold* of = nullptr;
    window what;
    due_dirt why;
  };

  agenda() = default;
  static void take_up(planned_gold& of, const ledger_entry& last, instant now);
  static void catch_up(planned_gold& of,
                       const std::vector<ledger_entry>& recorded, instant now);
  static void fire(planned_gold& of, instant now);
  static void add(planned_gold& of, const window& what,
                  std::string_view trigger, instant now);
  void end_run(entry& run, instant now);
  static void forget_old(planned_gold& of, const dirty_windows& log);
  static void add_planned(planned_gold& of, instant now,
                          std::vector<candidate>& to);
  static void add_dirty(planned_gold& of, const dirty_windows& log, instant now,
                        std::vector<candidate>& to);
  [[nodiscard]] static readiness_facts
  facts_of(const planned_gold& of, const dirty_windows& log, instant now);
  [[nodiscard]] static std::optional<due_dirt>
  due_again(const planned_gold& of, const window& what, dirt why,
            const readiness_facts& facts);
  [[nodiscard]] due_run begin(const candidate& next, std::int64_t covers,
                              instant now);
  [[nodiscard]] static bool was_run_for(const planned_gold& of,
                                        const window& what,
                                        std::string_view trigger,
                                        std::chrono::sys_seconds firing);
  [[nodiscard]] static bool is_replaced_now(const planned_gold& of,
                                            const window& what);
  [[nodiscard]] planned_gold* find(std::string_view gold);
  [[nodiscard]] static entry* running(planned_gold& of, const due_run& run);

  std::map<std::string, planned_gold, std::less<>> golds_;
  std::size_t running_ = 0;
  /// Of these, the ones that are not fresh.
  std::size_t running_behind_ = 0;
};

} // namespace sluice::gold
