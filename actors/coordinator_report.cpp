// coordinator: telling what it knows of the windows.
#include <algorithm>

#include "actors/coordinator.hpp"
#include "gold/readiness.hpp"

namespace sluice::actors {

namespace {

constexpr std::chrono::milliseconds report_interval{std::chrono::seconds{1}};
/// Dirty windows that are listed; the rest is only counted.
constexpr std::size_t dirty_listed_max = 200;

status::window_report make_report(const std::string& gold,
                                  const gold::window_status& known) {
  status::window_report result;
  result.gold = gold;
  result.start = known.what.start;
  result.end = known.what.end;
  result.state = gold::to_string(known.state);
  result.attempt = known.attempt;
  result.rows = known.rows;
  result.error = known.error;
  if (known.ended_at != gold::instant{})
    result.last_run = known.ended_at;
  if (known.due_at != gold::instant{}
      && (known.state == gold::window_state::waiting
          || known.state == gold::window_state::retrying))
    result.next_run = known.due_at;
  return result;
}

} // namespace

/// What the agenda knows, and over it what has changed since. Oldest first.
std::vector<status::window_report>
coordinator_state::reports_of(const topology::gold& each) const {
  std::map<gold::window, status::window_report> result;
  for (const auto& known : agenda_->windows(each.name))
    result.emplace(known.what, make_report(each.name, known));
  const auto now = parts_->now();
  const gold::readiness_facts facts{log_->watermark(each.name, now), nullptr,
                                    std::nullopt, now};
  for (auto& [what, report] : result)
    if (report.state == "done" && !gold::is_closed(each, what, facts))
      report.state = "open";
  const auto& dirty = log_->of(each.name);
  std::size_t listed = 0;
  for (auto i = dirty.rbegin(); i != dirty.rend() && listed < dirty_listed_max;
       ++i, ++listed) {
    auto [found, added] = result.try_emplace(i->first);
    auto& report = found->second;
    if (added) {
      report.gold = each.name;
      report.start = i->first.start;
      report.end = i->first.end;
    }
    if (report.state.empty() || report.state == "done"
        || report.state == "open")
      report.state = gold::is_closed(each, i->first, facts) ? "dirty" : "open";
  }
  std::vector<status::window_report> list;
  for (auto& [what, report] : result)
    list.push_back(std::move(report));
  return list;
}

void coordinator_state::report() {
  golds_reported message;
  for (const auto& each : parts_->golds) {
    auto& metrics = parts_->metrics.at(each.name);
    if (!agenda_) {
      // Whoever leads says it.
      metrics.windows_failed.set(0);
      metrics.windows_dirty.set(0);
      continue;
    }
    status::gold_report gold;
    gold.name = each.name;
    gold.next_firing = agenda_->next_firing(each.name);
    gold.windows = reports_of(each);
    gold.dirty = log_->of(each.name).size();
    if (const auto watermark = log_->watermark(each.name, parts_->now()))
      gold.watermark = *watermark;
    auto failed = 0;
    std::chrono::sys_seconds newest_done{};
    for (const auto& known : agenda_->windows(each.name)) {
      failed += known.state == gold::window_state::failed ? 1 : 0;
      if (known.state == gold::window_state::done)
        newest_done = std::max(newest_done, known.what.end);
    }
    metrics.windows_failed.set(failed);
    metrics.windows_dirty.set(static_cast<double>(gold.dirty));
    metrics.newest_window_end.set(
        static_cast<double>(newest_done.time_since_epoch().count()));
    message.golds.push_back(std::move(gold));
  }
  self_->send(parts_->reports, std::move(message));
  self_->delayed_send(self_, report_interval, report_due{});
}

} // namespace sluice::actors
