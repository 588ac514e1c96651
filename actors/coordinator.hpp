// Decides which gold windows run, while this node leads. What it knows is the
// fold over the control log (gold/dirty_windows.hpp) and the agenda; the work
// is done by the gold executors.
//
//   following ─► elected: state saved by a predecessor ─► the log read to its
//       ▲        end ─► own term begun, read back ─► ledger read ─► leads
//       │                                                             │
//       └── not elected any more, or another's term in the log ◄──────┘
//
// Whoever finds another's term in the log and stays elected (it was written by
// a node that did not know yet that it is not) stands again after a while.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "actors/wall_clock.hpp"
#include "gold/agenda.hpp"
#include "gold/dirty_windows.hpp"
#include "status/metrics.hpp"
#include "topology/topology.hpp"

namespace sluice::actors {

/// How often things are done that need not be done at once.
struct coordinator_pace {
  /// How often published windows are compared with the ledger.
  std::chrono::milliseconds check{std::chrono::minutes{1}};
  /// How often the state of the log is saved, if there is something new.
  std::chrono::milliseconds save{std::chrono::minutes{5}};
  /// The log may have so many records that are in a saved state before it is
  /// trimmed.
  std::int64_t trim_after = 2'000;
  /// After another's term, until this node is tried again: longer than a group
  /// takes to tell a member that it is out.
  std::chrono::milliseconds stand{std::chrono::minutes{1}};
};

struct coordinator_parts {
  std::vector<topology::gold> golds;
  /// One for each window that may run at once; at least one.
  std::vector<gold_executor_actor> executors;
  /// For the ledger and the saved state, which must not wait for a run.
  gold_executor_actor ledger;
  control_link_actor log;
  /// Trims the log; null: nobody does.
  control_follower_actor controls;
  /// Name of this node, for the ledger and the log.
  std::string node;
  std::map<std::string, status::gold_metrics> metrics;
  status::control_log_metrics log_metrics;
  metrics_actor reports;
  wall_clock now;
  coordinator_pace pace = {};
};

class coordinator_state {
public:
  static inline const char* name = "coordinator";

  explicit coordinator_state(coordinator_actor::pointer self) : self_{self} {}

  void start(coordinator_parts parts);
  void handle(const leadership_changed& change);
  void wake();
  void report();

private:
  using gold_window = std::pair<std::string, gold::window>;
  using table_epochs = std::map<std::string, std::uint16_t>;
  /// One line for each of the three; empty: none.
  struct trouble_lines {
    std::string ledger;
    std::string reading;
    std::string appending;
  };

  // Following the log: coordinator_log.cpp.
  void stand();
  void step_down();
  void read_snapshot();
  void handle(const snapshot_read& read);
  void read_on();
  void handle(const log_read& read);
  void check_state(const kafka::control_batch& beginning);
  [[nodiscard]] bool is_deposed() const;
  [[nodiscard]] gold::instant
  time_of(const kafka::control_record& record) const;
  void see(const kafka::control_record& record);
  void see(const gold::cut_name& marked);
  void begin_term();
  void append(std::string record);
  void append_again();
  void retry_log(const std::string& reason);
  /// Resets that `marked` does not have.
  [[nodiscard]] table_epochs resets_beyond(const table_epochs& marked) const;
  void mark_resets(const std::vector<gold::ledger_entry>& runs);
  [[nodiscard]] bool is_missing(const kafka::control_batch& batch);
  void mark_lost(const std::vector<gold::ledger_entry>& runs);
  void save();
  void trim();

  // Running: coordinator.cpp.
  void read_ledger();
  void handle(const ledger_read& read);
  void plan();
  void obey(const ledger_read& read);
  void run_due();
  void run(const gold::due_run& due);
  void handle(const gold::due_run& run, const window_finished& finished);
  void publish(const gold::due_run& run, const std::string& run_id);
  void tell_trouble(std::string trouble_lines::*about,
                    const std::string& reason);
  [[nodiscard]] std::vector<status::window_report>
  reports_of(const topology::gold& each) const;

  coordinator_actor::pointer self_;
  std::optional<coordinator_parts> parts_;
  bool elected_ = false;
  /// Counts elections: what was asked in an earlier one is passed over.
  std::uint64_t election_ = 0;
  /// Since it was elected.
  std::optional<gold::dirty_windows> log_;
  bool reading_state_ = false;
  /// What a predecessor has saved is in it, and whether that is of this log.
  bool has_state_ = false;
  bool state_checked_ = false;
  bool reading_log_ = false;
  std::string nonce_;
  bool term_asked_for_ = false;
  /// Its record was read back, though another's may have come after it.
  bool term_seen_ = false;
  /// Offset of the own term's record, once it was read back.
  std::optional<std::int64_t> term_;
  /// In the names of this term's runs and states: the term, or more where the
  /// log was made anew and its offsets began again.
  std::int64_t run_term_ = 0;
  std::uint64_t runs_begun_ = 0;
  /// Once the ledger is read.
  std::optional<gold::agenda> agenda_;
  std::vector<gold_executor_actor> idle_;
  /// Under way, or begun since the ledger was asked: their rows and the ledger
  /// may differ for a moment.
  std::set<gold_window> running_;
  std::set<gold_window> run_since_check_;
  /// Tables that were reset, up to which epoch that is marked in the log, and
  /// up to which epoch this node has marked it there.
  table_epochs resets_;
  table_epochs marked_resets_;
  table_epochs own_reset_marks_;
  /// Records that the log did not take, and when they are tried again.
  std::vector<std::string> unsent_;
  caf::actor_clock::time_point next_append_{};
  /// Elected, but deposed by the log: when it stands again.
  caf::actor_clock::time_point next_stand_{};
  /// Of the actors' clock, which nobody sets.
  caf::actor_clock::time_point next_check_{};
  caf::actor_clock::time_point next_save_{};
  std::int64_t saved_ = 0;
  /// The state before that: whoever has read it still finds the log behind it.
  std::int64_t saved_before_ = 0;
  /// Where the log begins, or would if it could be trimmed.
  std::int64_t log_start_ = 0;
  /// The log began so high above a saved state, which was read again: a newer
  /// one may have been saved in between.
  std::int64_t reread_for_ = 0;
  /// Records that nobody has read and that are gone, from offset to offset,
  /// until the log has a mark that makes up for them.
  std::optional<gold::time_range> lost_;
  bool lost_is_marked_ = false;
  /// When the newest timer fires; std::nullopt: none is set.
  std::optional<caf::actor_clock::time_point> wake_at_;
  bool reading_ledger_ = false;
  /// What the ledger has said first, until the log has been read to an end as
  /// of later; and whether the read under way is such a one.
  std::optional<ledger_read> unconfirmed_;
  bool read_confirms_ = false;
  backoff log_wait_{std::chrono::milliseconds{500}, std::chrono::seconds{30}};
  backoff append_wait_{std::chrono::milliseconds{500},
                       std::chrono::seconds{30}};
  trouble_lines troubles_;
};

coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            coordinator_parts parts);

} // namespace sluice::actors
