#include "simulation/gold_verdict.hpp"

#include <algorithm>
#include <set>

#include "gold/readiness.hpp"

namespace sluice::simulation {

gold_watch::gold_watch(const cluster& what)
    : what_{what}, log_{gold::dirty_windows::make(what.what.golds).value()} {
  for (const auto& each : what.what.golds)
    if (!each.refresh.empty())
      refreshes_.emplace(
          each.name,
          gold::schedule::parse(each.refresh, log_.rule(each.name).zone())
              .value());
}

void gold_watch::read_on() {
  const auto& records = what_.controls.records();
  for (auto i = static_cast<std::size_t>(log_.next()); i < records.size(); ++i)
    if (const auto message = gold::parse_control_message(records[i].bytes);
        message && *message)
      log_.obey(records[i].offset, **message, what_.on.wall());
  log_.pass(static_cast<std::int64_t>(records.size()));
}

std::vector<std::string> gold_watch::due() {
  read_on();
  const auto now = what_.on.wall();
  std::vector<std::string> result;
  for (const auto& gold : what_.what.golds) {
    const auto refresh = refreshes_.find(gold.name);
    const gold::readiness_facts facts{
        log_.watermark(gold.name, now),
        refresh == refreshes_.end() ? nullptr : &refresh->second, std::nullopt,
        now};
    for (const auto& [what, why] : log_.of(gold.name)) {
      const auto found = gold::due_of(gold, what, why, facts);
      // Until it is closed nobody waits here.
      if (found && found->at <= now + gold.max_staleness)
        result.push_back("gold " + gold.name + " window "
                         + gold::to_string(what)
                         + " is dirty and is not run again");
    }
  }
  for (const auto& each : what_.golds.unsound())
    result.push_back("gold " + each.gold + " window "
                     + gold::to_string(each.what)
                     + " is not what its newest run published");
  return result;
}

bool gold_watch::is_settled() { return due().empty(); }

namespace {

class gold_verdict {
public:
  gold_verdict(const cluster& what, const topology::gold& gold,
               std::vector<std::string>& to)
      : what_{what}, gold_{gold}, rule_{gold::window_rule::make(gold).value()},
        to_{to} {}

  void judge() {
    std::set<gold::window> windows;
    for (const auto& [place, each] :
         what_.clickhouse.rows(gold_.window.over_table)) {
      const std::chrono::sys_seconds at{std::chrono::seconds{each.what.at}};
      if (!each.what.deleted && at <= what_.on.wall() + gold_.window.ahead)
        for (const auto& window : rule_.containing(at))
          windows.insert(window);
    }
    const auto& published = what_.golds.published(gold_.name);
    for (const auto& [window, shown] : published)
      windows.insert(window);
    for (const auto& window : windows) {
      const auto found = published.find(window);
      judge(window, found == published.end() ? gold_server::published_window{}
                                             : found->second);
    }
  }

private:
  void judge(const gold::window& window,
             const gold_server::published_window& shown) {
    const auto name = "gold " + gold_.name + " window " + to_string(window);
    if (shown.parts.size() > 1)
      to_.push_back(name + " is there " + std::to_string(shown.parts.size())
                    + " times");
    const auto wanted = expected(gold_, window);
    const auto& rows =
        shown.parts.empty() ? gold_rows{} : shown.parts.begin()->second;
    if (rows == wanted || (rows.empty() && !is_closed(window)))
      return;
    to_.push_back(name + " shows " + text_of(rows) + " instead of "
                  + text_of(wanted));
  }

  [[nodiscard]] gold_rows expected(const topology::gold& gold,
                                   const gold::window& window) const {
    return select_window(
        what_.clickhouse, gold, window, [&](const gold::window& all) {
          return select_window(what_.clickhouse, what_.what.golds.front(), all,
                               {});
        });
  }

  /// Whether it must have been run.
  [[nodiscard]] bool is_closed(const gold::window& window) const {
    if (!gold_.refresh.empty() || !gold_.after.empty())
      return true;
    const auto closes = window.end + gold_.window.lateness;
    if (!gold_.on_watermark)
      return what_.on.wall() >= closes + gold_.max_staleness;
    for (const auto& [place, each] :
         what_.clickhouse.rows(gold_.window.over_table)) {
      const std::chrono::sys_seconds at{std::chrono::seconds{each.what.at}};
      if (at >= closes && at <= what_.on.wall() + gold_.window.ahead)
        return true;
    }
    return false;
  }

  static std::string text_of(const gold_rows& rows) {
    std::string result = "{";
    for (const auto& each : rows)
      result += (result.size() > 1 ? ", " : "") + std::to_string(each.id) + ": "
                + std::to_string(each.amount) + "/"
                + std::to_string(each.joined);
    return result + "}";
  }

  const cluster& what_;
  const topology::gold& gold_;
  gold::window_rule rule_;
  std::vector<std::string>& to_;
};

} // namespace

std::vector<std::string> judge_golds(const cluster& what) {
  std::vector<std::string> result;
  for (const auto& gold : what.what.golds)
    gold_verdict{what, gold, result}.judge();
  return result;
}

} // namespace sluice::simulation
