// table_transformer: telling gold which windows a cut touches.
#include <algorithm>
#include <utility>

#include "actors/table_transformer.hpp"

namespace sluice::actors {

gold::cut_name table_transformer_state::name_of(const finished_cut& cut) const {
  return {parts_->layout->table.name,
          parts_->where.topic,
          parts_->where.partition,
          parts_->epoch,
          cut.range.lo,
          cut.range.hi};
}

void table_transformer_state::find_touches(finished_cut& cut) {
  cut.touches = marks::touches_of(
      parts_->feeds, *parts_->layout, parts_->database, name_of(cut), *cut.rows,
      cut.events, cut.replayed,
      std::chrono::floor<std::chrono::seconds>(parts_->now()));
  cut.events = {};
  for (const auto& [gold, rows] : cut.touches.outside)
    if (const auto found = parts_->gold_metrics.find(gold);
        found != parts_->gold_metrics.end())
      found->second.rows_outside.add(static_cast<double>(rows));
}

bool table_transformer_state::may_note(const cut_ptr& cut) const {
  return !cut->touches.waits_for_earlier || unfinished_.front() == cut;
}

/// Earlier cuts that are not acknowledged yet may have rows of the same keys
/// that silver does not show: this cut leaves their windows too.
void table_transformer_state::note(const cut_ptr& cut) {
  note_windows message{name_of(*cut),
                       {},
                       cut->touches.known,
                       std::exchange(cut->touches.before, {}),
                       cut->touches.leaves_joined_rows};
  if (cut->touches.replaces_rows)
    for (const auto& earlier : unfinished_) {
      if (earlier == cut)
        break;
      for (const auto& [gold, ranges] : earlier->touches.known)
        gold::add(message.known[gold], ranges);
    }
  if (message.known.empty() && message.questions.empty())
    return noted(cut);
  cut->is_noted = true;
  self_->request(parts_->marker, caf::infinite, std::move(message))
      .then([this, cut](const windows_noted&) { noted(cut); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// In the order of the cuts: a row that is created again, which is not asked
/// for, would hide the deleted one from an earlier cut's question.
void table_transformer_state::noted(const cut_ptr& cut) {
  cut->may_insert = true;
  for (;;) {
    const auto next = std::ranges::find_if(
        unfinished_, [](const cut_ptr& each) { return !each->is_inserted; });
    if (next == unfinished_.end() || !(*next)->may_insert)
      return;
    const auto following = *next;
    following->is_inserted = true;
    insert(following);
  }
}

void table_transformer_state::mark(const cut_ptr& cut) {
  if (refused_)
    return;
  const auto& touches = cut->touches;
  // Whoever had a replayed cut before may have noted windows.
  if (touches.known.empty() && touches.after.empty() && !cut->is_noted
      && !cut->replayed)
    return marked(cut);
  mark_windows message{{name_of(*cut), cut->touches.known, cut->touches.newest},
                       std::exchange(cut->touches.after, {})};
  self_->request(parts_->marker, caf::infinite, std::move(message))
      .then([this, cut](const windows_marked&) { marked(cut); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void table_transformer_state::marked(const cut_ptr& cut) {
  if (refused_)
    return;
  std::erase(unfinished_, cut);
  complete(cut);
  begin_waiting();
}

/// Cuts that had dead letters to keep may have come to wait after later ones.
void table_transformer_state::begin_waiting() {
  const auto next = std::ranges::find_if(
      waiting_, [this](const cut_ptr& each) { return may_note(each); });
  if (next == waiting_.end())
    return;
  const auto cut = *next;
  waiting_.erase(next);
  note(cut);
}

} // namespace sluice::actors
