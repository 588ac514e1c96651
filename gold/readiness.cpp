#include "gold/readiness.hpp"

#include <algorithm>

namespace sluice::gold {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds whole_seconds(instant when) {
  return std::chrono::floor<seconds>(when);
}

/// Once it is quiet, but not for ever later.
instant debounced(const topology::gold& of, const dirt& why) {
  return std::min(why.last_seen + of.debounce,
                  why.first_seen + of.max_staleness);
}

bool runs_when_changed(const topology::gold& of) {
  return of.on_change || of.on_watermark;
}

/// Of a window that is closed.
std::optional<due_dirt> due_closed(const topology::gold& of, const window& what,
                                   const dirt& why,
                                   const readiness_facts& facts) {
  const auto rank = rank_of(what, facts.now);
  if (runs_when_changed(of))
    return due_dirt{debounced(of, why), rank,
                    of.on_watermark ? "watermark" : "change"};
  if (why.follows)
    return due_dirt{debounced(of, why), rank, "after"};
  // A schedule takes up whatever has changed until it fires.
  if (facts.last_firing && why.first_seen <= *facts.last_firing)
    return due_dirt{*facts.last_firing, rank, "schedule"};
  return std::nullopt;
}

} // namespace

run_rank rank_of(const window& what, instant now) {
  return what.end + (what.end - what.start) >= now ? run_rank::fresh
                                                   : run_rank::late;
}

bool is_closed(const topology::gold& of, const window& what,
               const readiness_facts& facts) {
  const auto closes = what.end + of.window.lateness;
  if (of.on_watermark)
    return facts.watermark && *facts.watermark >= closes;
  return facts.now >= closes;
}

std::optional<due_dirt> due_of(const topology::gold& of, const window& what,
                               const dirt& why, const readiness_facts& facts) {
  if (why.requested)
    return due_dirt{why.first_seen, run_rank::backfill, "manual"};
  if (is_closed(of, what, facts))
    return due_closed(of, what, why, facts);
  std::optional<due_dirt> result;
  const auto consider = [&](const due_dirt& candidate) {
    if (!result || candidate.at < result->at)
      result = candidate;
  };
  if (facts.refresh != nullptr)
    if (const auto at =
            facts.refresh->next_after(whole_seconds(why.first_seen)))
      consider({*at, run_rank::fresh, "refresh"});
  if (why.follows)
    consider({debounced(of, why), run_rank::fresh, "after"});
  // It closes by itself, without a mark.
  if (!of.on_watermark && runs_when_changed(of))
    consider(
        {std::max<instant>(what.end + of.window.lateness, debounced(of, why)),
         run_rank::fresh, "change"});
  return result;
}

} // namespace sluice::gold
