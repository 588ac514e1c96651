// When a dirty window is to be run, and before which others. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "gold/dirty_windows.hpp"
#include "gold/schedule.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// Which of several due runs comes first.
enum class run_rank {
  /// The window is one of the newest two, or somebody waits for this one.
  fresh,
  /// Something has changed long ago.
  late,
  /// Many at once: asked for by a person, or missed while no node ran.
  backfill,
};

/// By its age alone: fresh or late.
[[nodiscard]] run_rank rank_of(const window& what, instant now);

/// What is known when it is asked.
struct readiness_facts {
  std::optional<std::chrono::sys_seconds> watermark;
  /// Of `refresh:`; null: none.
  const schedule* refresh = nullptr;
  /// The last firing of the gold's schedules that was seen.
  std::optional<instant> last_firing;
  instant now{};
};

struct due_dirt {
  /// When; may be past.
  instant at{};
  run_rank rank = run_rank::late;
  /// "change", "watermark", "refresh", "after", "schedule", "manual": for the
  /// ledger.
  std::string_view trigger;
};

/// Whether nothing more is expected for the window: the watermark (where the
/// gold goes by it), else the wall clock, has passed its end and lateness.
[[nodiscard]] bool is_closed(const topology::gold& of, const window& what,
                             const readiness_facts& facts);

/// std::nullopt: not before something else happens (a mark, a firing, the
/// watermark), as far as one can know now.
[[nodiscard]] std::optional<due_dirt> due_of(const topology::gold& of,
                                             const window& what,
                                             const dirt& why,
                                             const readiness_facts& facts);

} // namespace sluice::gold
