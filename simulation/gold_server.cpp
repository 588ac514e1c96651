#include "simulation/gold_server.hpp"

#include <algorithm>

#include "gold/runner.hpp"

namespace sluice::simulation {

namespace {

using clickhouse::error;
using gold::run_state;

error exception(int code, const std::string& message) {
  return {clickhouse::classify(code, message), code, false, message};
}

std::string text_of(const actors::run_window& run) {
  return run.gold + " " + gold::to_string(run.request.what) + " as "
         + run.request.run_id;
}

/// The newest of the runs that have ended well.
const gold::ledger_entry* newest_done(const auto& runs) {
  const gold::ledger_entry* result = nullptr;
  for (const auto& [id, each] : runs)
    if (each.state == run_state::done)
      result = &each;
  return result;
}

} // namespace

void gold_server::create(std::vector<topology::gold> golds) {
  golds_ = std::move(golds);
  for (const auto& each : golds_)
    published_[each.name];
}

// -- a run --------------------------------------------------------------------

void gold_server::record(const gold::ledger_entry& entry, const reply& done) {
  silver_.send(
      "ledger",
      [this, entry]() -> failure {
        write(entry);
        return std::nullopt;
      },
      done);
}

/// As ReplacingMergeTree shows it: an outcome is newer than a begin.
void gold_server::write(const gold::ledger_entry& entry) {
  on_.out.line("ledger", [&] {
    return entry.gold + " " + gold::to_string(entry.what) + " " + entry.run_id
           + " " + std::string{gold::to_string(entry.state)} + ", "
           + std::to_string(entry.rows) + " rows";
  });
  auto& known = ledger_[entry.gold][entry.what];
  const auto found = known.find(entry.run_id);
  if (found != known.end() && found->second.state != run_state::running
      && entry.state == run_state::running)
    return;
  if (entry.state == run_state::done) {
    ++on_.counts["gold runs done"];
    if (entry.trigger == "repair")
      ++on_.counts["windows repaired"];
    if (newest_done(known) != nullptr)
      ++on_.counts["windows run again"];
  }
  known.insert_or_assign(entry.run_id, entry);
}

void gold_server::fill(
    const actors::run_window& run,
    const std::function<void(failure, std::size_t rows)>& done) {
  silver_.send(
      "SELECT of " + run.request.run_id, [this, run] { return select(run); },
      [this, done, id = run.request.run_id](const failure& failed) {
        const auto found = staging_.find(id);
        done(failed, found == staging_.end() ? 0 : found->second.size());
      });
}

gold_server::failure gold_server::select(const actors::run_window& run) {
  const auto gold = std::ranges::find(golds_, run.gold, &topology::gold::name);
  for (const auto& table : tables_of(*gold))
    if (silver_.is_missing(table))
      return exception(60, "Table " + table + " does not exist");
  if (on_.strikes(on_.faults.select_failed, "SELECTs that failed"))
    return exception(241, "Memory limit exceeded");
  const auto& rows = staging_[run.request.run_id] =
      select_window(silver_, *gold, run.request.what,
                    [this](const auto& what) { return hours_in(what); });
  on_.out.line("clickhouse", [&] {
    return "stages " + std::to_string(rows.size()) + " rows of " + text_of(run);
  });
  return std::nullopt;
}

gold_rows gold_server::hours_in(const gold::window& what) const {
  gold_rows result;
  for (const auto& [hour, shown] : published_.at(order_hours))
    if (hour.start >= what.start && hour.end <= what.end)
      for (const auto& [run, rows] : shown.parts)
        result.insert(result.end(), rows.begin(), rows.end());
  return result;
}

void gold_server::replace(const actors::run_window& run, const reply& done) {
  silver_.send(
      "REPLACE by " + run.request.run_id, [this, run] { return publish(run); },
      done);
}

gold_server::failure gold_server::publish(const actors::run_window& run) {
  const auto& id = run.request.run_id;
  const auto staged = staging_.find(id);
  if (staged == staging_.end())
    return exception(60, "The staging table of " + id + " does not exist");
  const auto* newest = newest_done(ledger_[run.gold][run.request.what]);
  if (newest != nullptr && newest->run_id > id)
    ++on_.counts["stale publications"];
  on_.out.line("clickhouse", [&] { return "publishes " + text_of(run); });
  auto& windows = published_.at(run.gold);
  auto& shown = windows[run.request.what];
  if (!shown.parts.empty())
    shown.replaced = *shown.parts.begin();
  shown.parts.clear();
  if (!staged->second.empty())
    shown.parts.emplace(id, staged->second);
  return std::nullopt;
}

void gold_server::forget_replaced(const actors::run_window& run,
                                  const reply& done) {
  silver_.send(
      "DROP PARTITION",
      [this, run]() -> failure {
        if (on_.strikes(on_.faults.parts_back, "replaced windows kept"))
          return exception(241, "Memory limit exceeded");
        for (auto& each : published_.at(run.gold))
          each.second.replaced.reset();
        return std::nullopt;
      },
      done);
}

void gold_server::drop_staging(const std::string& run_id, const reply& done) {
  silver_.send(
      "DROP of " + run_id,
      [this, run_id]() -> failure {
        staging_.erase(run_id);
        return std::nullopt;
      },
      done);
}

void gold_server::killed() {
  for (auto& [name, windows] : published_)
    for (auto& [what, shown] : windows) {
      if (!shown.replaced)
        continue;
      if (on_.strikes(on_.faults.parts_back, "replaced windows come back"))
        shown.parts.insert(*shown.replaced);
      shown.replaced.reset();
    }
}

// -- what coordinators ask ----------------------------------------------------

std::vector<gold::ledger_entry> gold_server::newest_runs() const {
  std::vector<gold::ledger_entry> result;
  for (const auto& [gold, windows] : ledger_)
    for (const auto& [what, known] : windows)
      if (!known.empty())
        result.push_back(known.rbegin()->second);
  return result;
}

void gold_server::read_ledger(
    const std::function<void(actors::ledger_read)>& done) {
  const auto answer = std::make_shared<actors::ledger_read>();
  silver_.send(
      "SELECT from the ledger",
      [this, answer]() -> failure {
        answer->runs = newest_runs();
        return std::nullopt;
      },
      [this, answer, done](const failure& failed) {
        if (failed) {
          done({tl::make_unexpected(*failed), {}});
          return;
        }
        // Without an answer it is asked again the next time.
        silver_.send(
            "question for unsound windows",
            [this, answer]() -> failure {
              answer->unsound = unsound();
              return std::nullopt;
            },
            [answer, done](const failure& unanswered) {
              if (unanswered)
                answer->unsound.clear();
              done(*answer);
            });
      });
}

bool gold_server::is_unsound(const std::string& gold, const gold::window& what,
                             const runs& known) const {
  const auto* newest = newest_done(known);
  const auto& windows = published_.at(gold);
  const auto found = windows.find(what);
  const auto is_empty = found == windows.end() || found->second.parts.empty();
  if (!is_empty)
    return found->second.parts.size() > 1
           || (newest != nullptr
               && found->second.parts.begin()->first != newest->run_id);
  if (newest == nullptr || newest->rows == 0)
    return false;
  return std::ranges::any_of(known, [&](const auto& pair) {
    const auto& each = pair.second;
    const auto ended = each.started_at + each.duration;
    return each.run_id < newest->run_id
           && (each.state == run_state::running
               || (each.state == run_state::failed
                   && ended + std::chrono::hours{1} > newest->started_at)
               || (gold::term_of(each.run_id) != gold::term_of(newest->run_id)
                   && ended > newest->started_at));
  });
}

std::vector<actors::unsound_window> gold_server::unsound() const {
  std::vector<actors::unsound_window> result;
  for (const auto& [gold, windows] : ledger_)
    for (const auto& [what, known] : windows)
      if (is_unsound(gold, what, known))
        result.push_back({gold, what});
  return result;
}

std::uint64_t gold_server::unfinished() const {
  std::uint64_t result = 0;
  for (const auto& [gold, windows] : ledger_)
    for (const auto& [what, known] : windows)
      for (const auto& [id, each] : known)
        result += each.state == run_state::running ? 1U : 0U;
  return result;
}

void gold_server::read_state(
    const std::function<void(actors::snapshot_read)>& done) {
  const auto state = std::make_shared<gold::saved_state>();
  silver_.send(
      "SELECT of the saved state",
      [this, state]() -> failure {
        *state = state_;
        if (!state_.text.empty())
          ++on_.counts["saved states taken up"];
        return std::nullopt;
      },
      [state, done](const failure& failed) {
        if (failed)
          done({tl::make_unexpected(*failed)});
        else
          done({*state});
      });
}

void gold_server::save_state(const actors::save_snapshot& what,
                             const reply& done) {
  silver_.send(
      "INSERT of the saved state",
      [this, what]() -> failure {
        const auto& known = state_;
        if (std::pair{what.state.term, what.state.position}
            > std::pair{known.term, known.position})
          state_ = what.state;
        return std::nullopt;
      },
      done);
}

} // namespace sluice::simulation
