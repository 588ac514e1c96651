#include "actors/window_marker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

/// A record stays below what producers and brokers take by default (1,000,000
/// bytes): a range is 28 bytes at most, a cut some hundred more.
constexpr std::size_t ranges_per_record = 20'000;
constexpr std::size_t bytes_per_record = 800'000;

std::size_t count_of(const gold::touched_golds& golds) {
  std::size_t result = 0;
  for (const auto& [gold, ranges] : golds)
    result += ranges.size();
  return result;
}

/// Moves so many ranges out of `from`.
gold::touched_golds take(gold::touched_golds& from, std::size_t count) {
  gold::touched_golds result;
  while (count > 0 && !from.empty()) {
    const auto first = from.begin();
    auto& ranges = first->second;
    const auto some = std::min(count, ranges.size());
    const auto end = ranges.begin() + static_cast<std::ptrdiff_t>(some);
    result[first->first].assign(ranges.begin(), end);
    ranges.erase(ranges.begin(), end);
    count -= some;
    if (ranges.empty())
      from.erase(first);
  }
  return result;
}

bool covers(const gold::time_ranges& ranges, const gold::time_range& what) {
  const auto found =
      std::ranges::lower_bound(ranges, what.to, {}, &gold::time_range::to);
  return found != ranges.end() && found->from <= what.from;
}

/// Ranges of `what` that are not inside one of `other`.
gold::touched_golds without(const gold::touched_golds& what,
                            const gold::touched_golds& other) {
  gold::touched_golds result;
  for (const auto& [gold, ranges] : what) {
    const auto found = other.find(gold);
    for (const auto& each : ranges) {
      if (found == other.end() || !covers(found->second, each))
        gold::add(result[gold], each);
    }
  }
  return result;
}

} // namespace

void window_marker_state::start(window_marker_parts parts) {
  parts_ = std::move(parts);
  for (const auto& each : parts_->golds)
    if (const auto rule = gold::window_rule::make(each))
      rules_.emplace(each.name, std::pair{each.window, *rule});
  for (std::size_t i = 0; i < parts_->finders; ++i) {
    idle_.push_back(parts_->spawn_finder());
    self_->link_to(idle_.back());
  }
}

// -- what comes in ------------------------------------------------------------

gold::touched_golds window_marker_state::left_by(
    const note_windows& what,
    const std::vector<std::vector<std::int64_t>>& times) const {
  auto result = what.known;
  touch(result, what.questions, times);
  return without(result, what.own);
}

window_marker_state::note_promise
window_marker_state::note(const note_windows& what, note_promise answer) {
  ask({what.questions, [this, what, answer](const auto& times) mutable {
         auto golds = left_by(what, times);
         if (what.is_of_joined_rows) {
           gold::cuts_marked record{parts_->node, {{what.cut, golds}}, {}};
           enqueue(std::move(record), [this, what, golds, answer] {
             note_moved(what, golds, answer);
           });
           return;
         }
         if (golds.empty()) {
           answer.deliver(windows_noted{});
           return;
         }
         enqueue({parts_->node, {{what.cut, std::move(golds)}}, {}},
                 [answer]() mutable { answer.deliver(windows_noted{}); });
       }});
  return answer;
}

/// A row may have moved between the question and the note. Whatever moves after
/// the note is marked behind it, and counts for it (dirty_windows).
void window_marker_state::note_moved(const note_windows& what,
                                     const gold::touched_golds& noted,
                                     note_promise answer) {
  ask({what.questions, [this, what, noted, answer](const auto& times) mutable {
         auto more = without(left_by(what, times), noted);
         if (more.empty()) {
           answer.deliver(windows_noted{});
           return;
         }
         enqueue({parts_->node, {{what.cut, std::move(more)}}, {}},
                 [answer]() mutable { answer.deliver(windows_noted{}); });
       }});
}

window_marker_state::mark_promise
window_marker_state::mark(const mark_windows& what, mark_promise answer) {
  ask({what.questions, [this, what, answer](const auto& times) mutable {
         auto mark = what.mark;
         touch(mark.golds, what.questions, times);
         enqueue({parts_->node, {}, {std::move(mark)}},
                 [answer]() mutable { answer.deliver(windows_marked{}); });
       }});
  return answer;
}

void window_marker_state::touch(
    gold::touched_golds& golds, const std::vector<marks::question>& questions,
    const std::vector<std::vector<std::int64_t>>& times) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(parts_->now());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto found = rules_.find(questions[i].gold);
    if (found == rules_.end())
      continue;
    const auto& [window, rule] = found->second;
    marks::touched_times touched{rule, marks::bounds_of(window, now)};
    for (const auto each : times[i])
      touched.add_granule(each);
    const auto windows = touched.ranges(rule);
    if (windows.empty())
      continue;
    auto& ranges = golds[questions[i].gold];
    gold::add(ranges, windows);
    gold::limit(ranges, marks::touched_ranges_max);
  }
}

// -- asking silver ------------------------------------------------------------

void window_marker_state::ask(inquiry what) {
  if (what.questions.empty())
    return what.then({});
  inquiries_.push_back(std::move(what));
  ask_next();
}

void window_marker_state::ask_next() {
  while (!waits_ && !idle_.empty() && !inquiries_.empty()) {
    const auto finder = idle_.back();
    idle_.pop_back();
    auto next = std::make_shared<inquiry>(std::move(inquiries_.front()));
    inquiries_.pop_front();
    self_->request(finder, caf::infinite, find_times{next->questions})
        .then(
            [this, finder, next](const times_found& found) {
              idle_.push_back(finder);
              if (found.times) {
                if (std::exchange(silver_fails_, false) && record_.empty())
                  tell_trouble({});
                next->then(*found.times);
              } else {
                // Last, so that one that always fails stops no other.
                inquiries_.push_back(std::move(*next));
                silver_fails_ = true;
                tell_trouble("silver cannot be asked which windows changed: "
                             + found.times.error().message);
              }
              ask_next();
            },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
  }
}

// -- appending ----------------------------------------------------------------

/// What is too large for one record goes into several; the last one's answer
/// counts, because the log keeps their order.
void window_marker_state::enqueue(gold::cuts_marked what,
                                  std::function<void()> done) {
  const auto is_note = what.marks.empty();
  auto& golds = is_note ? what.notes.front().golds : what.marks.front().golds;
  while (count_of(golds) > ranges_per_record) {
    auto some = take(golds, ranges_per_record);
    gold::cuts_marked part{parts_->node, {}, {}};
    if (is_note)
      part.notes.push_back({what.notes.front().cut, std::move(some)});
    else
      part.marks.push_back({what.marks.front().cut, std::move(some), {}});
    entries_.push_back({std::move(part), {}});
  }
  entries_.push_back({std::move(what), std::move(done)});
  append_next();
}

void window_marker_state::append_next() {
  if (waits_ || !record_.empty() || entries_.empty())
    return;
  gold::cuts_marked together;
  together.node = parts_->node;
  for (std::size_t bytes = 0; !entries_.empty();) {
    auto& next = entries_.front();
    const auto size = gold::encode(next.what).size();
    if (bytes > 0 && bytes + size > bytes_per_record)
      break;
    bytes += size;
    if (next.done && !next.what.marks.empty())
      parts_->metrics.cuts.add();
    std::ranges::move(next.what.notes, std::back_inserter(together.notes));
    std::ranges::move(next.what.marks, std::back_inserter(together.marks));
    if (next.done)
      under_way_.push_back(std::move(next.done));
    entries_.pop_front();
  }
  record_ = gold::encode(together);
  send();
}

void window_marker_state::send() {
  if (!log_) {
    auto opened = parts_->open();
    if (!opened)
      return tell_trouble(opened.error());
    if (!*opened)
      return tell_trouble("the control log is missing and cannot be made; "
                          "without it gold would not know what changes, so "
                          "nothing is finished");
    log_ = std::move(*opened);
  }
  appending_ = true;
  const window_marker_actor me{self_};
  log_->append(record_, [me](std::string error) {
    caf::anon_send(me, append_answered{std::move(error)});
  });
}

void window_marker_state::handle(const append_answered& answer) {
  if (!std::exchange(appending_, false))
    return;
  if (!answer.error.empty())
    return tell_trouble("marks cannot be written to the control log: "
                        + answer.error);
  if (!silver_fails_)
    tell_trouble({});
  parts_->metrics.records.add();
  record_.clear();
  for (auto& done : std::exchange(under_way_, {}))
    done();
  append_next();
}

void window_marker_state::retry() {
  waits_ = false;
  ask_next();
  // One under way is not sent once more: its answer would be taken for that of
  // the record after it.
  if (record_.empty())
    append_next();
  else if (!appending_)
    send();
}

/// Empty: there is none any more. Otherwise everything is tried again later.
void window_marker_state::tell_trouble(const std::string& reason) {
  if (reason != std::exchange(trouble_, reason)) {
    log_line("marks", reason.empty() ? "are written again" : reason);
    self_->send(parts_->reports, trouble_reported{"gold marks", reason});
  }
  if (reason.empty())
    return wait_.reset();
  if (!std::exchange(waits_, true))
    self_->delayed_send(self_, wait_.next(), retry_due{});
}

window_marker_actor::behavior_type
window_marker(window_marker_actor::stateful_pointer<window_marker_state> self,
              window_marker_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [self, &state](const note_windows& what) {
        return state.note(
            what,
            self->make_response_promise<window_marker_state::note_promise>());
      },
      [self, &state](const mark_windows& what) {
        return state.mark(
            what,
            self->make_response_promise<window_marker_state::mark_promise>());
      },
      [&state](const append_answered& answer) { state.handle(answer); },
      [&state](const retry_due&) { state.retry(); },
  };
}

} // namespace sluice::actors
