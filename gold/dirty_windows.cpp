#include "gold/dirty_windows.hpp"

#include <algorithm>

namespace sluice::gold {

namespace {

/// Kept of each gold that is not known.
constexpr std::size_t stranger_ranges_max = 1'000;

using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds moment(std::int64_t count) { return sys_seconds{seconds{count}}; }

bool is_of_same_partition(const cut_name& one, const cut_name& other) {
  return one.table == other.table && one.topic == other.topic
         && one.partition == other.partition;
}

/// Of the same table and partition: marked together, or never any more. A cut
/// that is made anew after records were lost has other ends; a table that is
/// reset has another epoch.
bool settles(const cut_name& marked, const cut_name& noted) {
  if (marked.epoch != noted.epoch)
    return marked.epoch > noted.epoch;
  return noted.lo < marked.hi && marked.lo < noted.hi;
}

/// Of what the log says of event times, nothing beyond this is believed.
sys_seconds newest_believed(const topology::gold_window& bounds, instant now) {
  return std::chrono::floor<seconds>(now) + bounds.ahead + std::chrono::days{1};
}

} // namespace

tl::expected<dirty_windows, std::string>
dirty_windows::make(const std::vector<topology::gold>& golds) {
  dirty_windows result;
  for (const auto& each : golds) {
    auto rule = window_rule::make(each);
    if (!rule)
      return tl::unexpected("gold " + each.name + ": " + rule.error());
    result.golds_.emplace(each.name, watched{each, *rule, {}, {}, {}, {}});
  }
  for (const auto& each : golds)
    for (const auto& before : each.after)
      if (const auto found = result.golds_.find(before);
          found != result.golds_.end())
        found->second.followers.push_back(each.name);
  return result;
}

const dirty_windows::watched& dirty_windows::at(std::string_view gold) const {
  return golds_.find(gold)->second;
}

const std::map<window, dirt>& dirty_windows::of(std::string_view gold) const {
  return at(gold).windows;
}

const window_rule& dirty_windows::rule(std::string_view gold) const {
  return at(gold).rule;
}

void dirty_windows::begin_anew() {
  next_ = 0;
  leader_.reset();
  for (auto& [name, gold] : golds_) {
    gold.wished.clear();
    for (auto& [what, why] : gold.windows)
      why.newest_mark = -1;
  }
}

void dirty_windows::obey(std::int64_t offset, const control_message& message,
                         instant now) {
  std::visit([&](const auto& each) { obey(offset, each, now); }, message);
  pass(offset + 1);
}

void dirty_windows::touch(watched& gold, const window& what,
                          std::int64_t offset, instant now, cause why) {
  auto& known =
      gold.windows.try_emplace(what, dirt{offset, now, now}).first->second;
  known.newest_mark = std::max(known.newest_mark, offset);
  known.last_seen = now;
  known.requested = known.requested || why == cause::request;
  known.follows = known.follows || why == cause::predecessor;
  if (why == cause::request)
    gold.wished[what].request = offset;
  else if (why == cause::predecessor)
    gold.wished[what].predecessor = offset;
}

/// Where a wish stood in a log that was made anew, nobody knows: only what
/// makes the window clean grants it.
void dirty_windows::clean(watched& gold, const window& what,
                          std::int64_t covers) {
  const auto found = gold.windows.find(what);
  if (found == gold.windows.end())
    return;
  auto& known = found->second;
  if (known.newest_mark < covers) {
    gold.windows.erase(found);
    gold.wished.erase(what);
    return;
  }
  const auto wished = gold.wished.find(what);
  if (wished == gold.wished.end())
    return;
  const auto& [request, predecessor] = wished->second;
  known.requested = known.requested && (request < 0 || request >= covers);
  known.follows = known.follows && (predecessor < 0 || predecessor >= covers);
}

/// Clipped, because anyone with the right to write may have put anything here,
/// and a window takes memory.
void dirty_windows::touch(watched& gold, const time_range& range,
                          std::int64_t offset, instant now, cause why) {
  const auto& bounds = gold.what.window;
  const auto from = std::max(moment(range.from), bounds.oldest);
  const auto to = std::min(moment(range.to), newest_believed(bounds, now));
  if (from >= to)
    return;
  auto last = window{};
  for (const auto& what : gold.rule.containing(from)) {
    touch(gold, what, offset, now, why);
    last = what;
  }
  for (last = gold.rule.next(last); last.start < to;
       last = gold.rule.next(last))
    touch(gold, last, offset, now, why);
}

void dirty_windows::touch(std::int64_t offset, const touched_golds& golds,
                          instant now) {
  for (const auto& [name, ranges] : golds) {
    const auto found = golds_.find(name);
    if (found == golds_.end()) {
      add(strangers_[name], ranges);
      limit(strangers_[name], stranger_ranges_max);
      continue;
    }
    for (const auto& range : ranges)
      touch(found->second, range, offset, now, cause::change);
  }
}

void dirty_windows::settle_notes(std::int64_t offset, const cut_name& by,
                                 instant now) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  auto i = notes_.lower_bound({by.table, by.topic, by.partition, 0, least, 0});
  while (i != notes_.end() && is_of_same_partition(by, i->first)) {
    if (!settles(by, i->first)) {
      ++i;
      continue;
    }
    touch(offset, i->second, now);
    i = notes_.erase(i);
  }
}

/// A row that is joined to rows which a noted cut is about to replace has come
/// into these windows: a run may read it there before the cut's insert, which
/// then changes them without anybody knowing.
void dirty_windows::widen_notes(const cut_mark& by) {
  for (const auto& [name, ranges] : by.golds) {
    const auto found = golds_.find(name);
    if (found == golds_.end()
        || found->second.what.window.over_table != by.cut.table)
      continue;
    const auto& joins = found->second.what.joins;
    for (auto& [cut, golds] : notes_)
      if (std::ranges::find(joins, cut.table, &topology::gold_join::table)
          != joins.end())
        add(golds[name], ranges);
  }
}

void dirty_windows::obey(std::int64_t offset, const cuts_marked& message,
                         instant now) {
  for (const auto& note : message.notes) {
    // Without any windows it still hears of those that rows move to.
    auto& known = notes_[note.cut];
    for (const auto& [gold, ranges] : note.golds)
      add(known[gold], ranges);
  }
  for (const auto& mark : message.marks) {
    settle_notes(offset, mark.cut, now);
    touch(offset, mark.golds, now);
    widen_notes(mark);
    for (const auto& [gold, newest] : mark.newest) {
      const auto found = golds_.find(gold);
      if (found == golds_.end())
        continue;
      const auto name =
          mark.cut.topic + "/" + std::to_string(mark.cut.partition);
      const auto most = newest_believed(found->second.what.window, now)
                            .time_since_epoch()
                            .count();
      auto& partition = found->second.sources[name];
      partition.newest = std::max(partition.newest, std::min(newest, most));
      partition.seen = now;
    }
  }
}

void dirty_windows::obey(std::int64_t offset, const term_begun& message,
                         instant /*now*/) {
  // An append that seemed to have failed, and was repeated, is there twice.
  if (leader_ && leader_->nonce == message.nonce)
    return;
  leader_ = leader_term{offset, message.node, message.nonce};
}

void dirty_windows::obey(std::int64_t offset, const run_finished& message,
                         instant now) {
  if (!leader_ || leader_->number != message.term) {
    ++stale_runs_;
    return;
  }
  const auto found = golds_.find(message.gold);
  if (found == golds_.end() || !found->second.rule.is_window(message.what))
    return;
  clean(found->second, message.what, message.covers);
  for (const auto& name : found->second.followers)
    touch(golds_.find(name)->second,
          {message.what.start.time_since_epoch().count(),
           message.what.end.time_since_epoch().count()},
          offset, now, cause::predecessor);
}

void dirty_windows::obey(std::int64_t offset, const run_requested& message,
                         instant now) {
  const auto found = golds_.find(message.gold);
  if (found == golds_.end() || message.to <= message.from)
    return;
  for (const auto& what : found->second.rule.touching(message.from, message.to))
    if (is_storable(what) && what.start >= message.from
        && what.end <= message.to)
      touch(found->second, what, offset, now, cause::request);
}

std::optional<sys_seconds> dirty_windows::watermark(std::string_view gold,
                                                    instant now) const {
  const auto& from = at(gold);
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> greatest;
  for (const auto& [name, partition] : from.sources) {
    const auto newest = partition.newest;
    greatest = std::max(greatest.value_or(newest), newest);
    if (now - partition.seen < from.what.window.idle)
      least = std::min(least.value_or(newest), newest);
  }
  if (!greatest)
    return std::nullopt;
  return moment(least.value_or(*greatest));
}

} // namespace sluice::gold
