// Puts what cuts touch into the control log: what every cut of a node has to
// tell comes together here, so that there are fewer records than cuts. It waits
// for as long as ClickHouse or the log does not answer, and the cuts with it.
//
//   questions ─► asking silver ─► ready ─► in the record under way ─► answered
//                   ▲    │ failed              ▲  │ failed
//                   └────┘ backoff             └──┘ backoff: the same record
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "actors/wall_clock.hpp"
#include "gold/window_rule.hpp"
#include "kafka/control_log.hpp"
#include "marks/touched_times.hpp"
#include "status/metrics.hpp"

namespace sluice::actors {

struct window_marker_parts {
  /// Opens the control log; may block some seconds. Null: there is none and
  /// none can be made from here.
  std::function<
      tl::expected<std::unique_ptr<kafka::control_log>, std::string>()>
      open;
  /// Makes one finder; called `finders` times.
  std::function<window_finder_actor()> spawn_finder;
  std::size_t finders = 1;
  std::vector<topology::gold> golds;
  /// Name of this node.
  std::string node;
  status::control_log_metrics metrics;
  metrics_actor reports;
  wall_clock now = system_wall_clock;
};

class window_marker_state {
public:
  static inline const char* name = "window_marker";
  using note_promise = caf::typed_response_promise<windows_noted>;
  using mark_promise = caf::typed_response_promise<windows_marked>;

  explicit window_marker_state(window_marker_actor::pointer self)
      : self_{self} {}

  void start(window_marker_parts parts);
  note_promise note(const note_windows& what, note_promise answer);
  mark_promise mark(const mark_windows& what, mark_promise answer);
  void handle(const append_answered& answer);
  void retry();

private:
  struct inquiry {
    std::vector<marks::question> questions;
    std::function<void(const std::vector<std::vector<std::int64_t>>&)> then;
  };
  /// One note or mark, or a part of it, and what is done when the log has it.
  struct entry {
    gold::cuts_marked what;
    std::function<void()> done;
  };

  [[nodiscard]] gold::touched_golds
  left_by(const note_windows& what,
          const std::vector<std::vector<std::int64_t>>& times) const;
  void note_moved(const note_windows& what, const gold::touched_golds& noted,
                  note_promise answer);
  void ask(inquiry what);
  void ask_next();
  void touch(gold::touched_golds& golds,
             const std::vector<marks::question>& questions,
             const std::vector<std::vector<std::int64_t>>& times) const;
  void enqueue(gold::cuts_marked what, std::function<void()> done);
  void append_next();
  void send();
  void tell_trouble(const std::string& reason);

  window_marker_actor::pointer self_;
  std::optional<window_marker_parts> parts_;
  std::map<std::string, std::pair<topology::gold_window, gold::window_rule>>
      rules_;
  std::unique_ptr<kafka::control_log> log_;
  std::vector<window_finder_actor> idle_;
  /// As entries_, bounded by the credit of the partitions: each cut in flight
  /// is here once at most.
  std::deque<inquiry> inquiries_;
  std::deque<entry> entries_;
  /// The record under way, and what is done when the log has it.
  std::string record_;
  /// The log has not answered for it yet.
  bool appending_ = false;
  std::vector<std::function<void()>> under_way_;
  bool waits_ = false;
  /// The last question to silver failed.
  bool silver_fails_ = false;
  backoff wait_{std::chrono::milliseconds{200}, std::chrono::seconds{30}};
  std::string trouble_;
};

/// Spawn detached: opening the log blocks. Never fails: what goes wrong is
/// shown in the status and tried again.
window_marker_actor::behavior_type
window_marker(window_marker_actor::stateful_pointer<window_marker_state> self,
              window_marker_parts parts);

} // namespace sluice::actors
