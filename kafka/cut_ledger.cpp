#include "kafka/cut_ledger.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace sluice::kafka {

namespace {

/// Enough for the text of one more intent.
constexpr std::size_t intent_bytes_max = 42;

std::int64_t first_read(std::int64_t offset,
                        const std::vector<ledger_table>& tables) {
  std::optional<std::int64_t> result;
  for (const auto& each : tables)
    if (each.attached)
      result = std::min(result.value_or(each.at.frontier), each.at.frontier);
  return result.value_or(offset);
}

/// A detached table may have been sent no other intents than those of its last
/// life; an attached one will be sent any.
std::vector<ledger_table> bounded(std::vector<ledger_table> tables,
                                  const std::vector<cut>& intents) {
  for (auto& each : tables) {
    if (each.attached)
      each.at.attempted.reset();
    else if (!each.at.attempted)
      each.at.attempted =
          std::max(each.at.frontier,
                   intents.empty() ? each.at.frontier : intents.back().hi);
  }
  return tables;
}

/// Whether Kafka knows other tables, or knows one elsewhere.
bool differs(const std::vector<table_position>& known,
             const std::vector<ledger_table>& tables) {
  return !std::ranges::all_of(tables, [&](const ledger_table& each) {
    return std::ranges::find(known, each.at) != known.end();
  });
}

/// The entry of the cut that begins at `lo`; nullptr: none.
template <class Entries>
auto* cut_at(Entries& entries, std::int64_t lo) {
  const auto found = std::ranges::find_if(
      entries, [lo](const auto& each) { return each.range.lo == lo; });
  return found == entries.end() ? nullptr : &*found;
}

} // namespace

bool cut_ledger::entry::finished() const {
  return std::ranges::none_of(missing, std::identity{});
}

cut_ledger::cut_ledger(std::int64_t offset, position_metadata committed,
                       std::vector<ledger_table> tables)
    : base_{std::move(committed)},
      tables_{bounded(std::move(tables), base_.intents)},
      open_lo_{first_read(offset, tables_)}, committed_{offset},
      recorded_shared_frontier_{open_lo_},
      first_revision_{differs(base_.tables, tables_) ? 1U : 0U},
      wanted_{first_revision_} {
  assert(!tables_.empty());
  base_.tables.clear();
}

// -- taking records -----------------------------------------------------------

std::optional<std::int64_t> cut_ledger::intended_end() const {
  const auto found = std::ranges::find(base_.intents, open_lo_, &cut::lo);
  if (found == base_.intents.end())
    return std::nullopt;
  return found->hi;
}

std::optional<std::int64_t> cut_ledger::limit() const {
  std::optional<std::int64_t> result;
  const auto consider = [&](std::int64_t offset) {
    if (offset > open_lo_)
      result = std::min(result.value_or(offset), offset);
  };
  // Also of a detached table: it begins there in a later life.
  for (const auto& each : tables_)
    consider(each.at.frontier);
  for (const auto& each : base_.intents)
    consider(each.lo);
  return result;
}

bool cut_ledger::takes_part(std::size_t table) const {
  const auto& one = tables_[table];
  return one.attached && one.at.frontier <= open_lo_;
}

std::size_t cut_ledger::taking_part() const {
  std::size_t result = 0;
  for (std::size_t i = 0; i < tables_.size(); ++i)
    result += takes_part(i) ? 1 : 0;
  return result;
}

void cut_ledger::add(std::size_t records, const fingerprint& last) {
  open_records_ += records;
  open_last_ = last;
}

std::size_t cut_ledger::unfinished() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [](const entry& each) { return !each.finished(); }));
}

bool cut_ledger::is_finished(std::int64_t lo) const {
  const auto* found = cut_at(entries_, lo);
  return found ? found->finished() : lo < open_lo_;
}

bool cut_ledger::has_room() const {
  const auto offset = frontier();
  return encode(metadata(offset), offset).size() + intent_bytes_max
         <= position_metadata_bytes_max;
}

cut cut_ledger::close(std::int64_t hi) {
  const cut range{open_lo_, hi};
  assert(hi > open_lo_);
  assert(!intended_end() || *intended_end() == hi);
  assert(!limit() || hi <= *limit());
  entry closed;
  closed.range = range;
  closed.last = std::exchange(open_last_, std::nullopt);
  for (std::size_t i = 0; i < tables_.size(); ++i)
    closed.missing.push_back(takes_part(i));
  closed.replayed = intended_end().has_value();
  // An intent is recorded already, but not that every table may now be sent
  // it.
  closed.revision = closed.replayed ? first_revision_ : ++wanted_;
  entries_.push_back(std::move(closed));
  open_lo_ = hi;
  open_records_ = 0;
  return range;
}

// -- tables -------------------------------------------------------------------

bool cut_ledger::acknowledge(std::size_t table, std::int64_t lo) {
  auto* found = cut_at(entries_, lo);
  if (!found || !found->missing[table])
    return false;
  found->missing[table] = false;
  return true;
}

void cut_ledger::detach(std::size_t table) {
  auto& one = tables_[table];
  if (!one.attached)
    return;
  const auto first = one.at.frontier;
  const auto lacks = frontier(table);
  auto attempted = lacks;
  for (const auto& intent : base_.intents)
    if (needs(table, intent))
      attempted = std::max(attempted, intent.hi);
  one.at.frontier = lacks;
  for (auto& each : entries_) {
    each.missing[table] = false;
    // Also a cut that it has: an earlier one is missing.
    if (!each.handed_out || each.range.lo < lacks || each.range.lo < first)
      continue;
    // The entry may go when the other tables have it; the intent may not.
    attempted = std::max(attempted, each.range.hi);
    if (std::ranges::find(base_.intents, each.range) == base_.intents.end())
      base_.intents.push_back(each.range);
  }
  std::ranges::sort(base_.intents);
  one.at.attempted = attempted;
  one.attached = false;
  ++wanted_;
}

bool cut_ledger::waits_for(std::size_t table, std::int64_t lo) const {
  return std::ranges::any_of(entries_, [&](const entry& each) {
    return each.range.lo == lo && each.missing[table];
  });
}

bool cut_ledger::attached(std::size_t table) const {
  return tables_[table].attached;
}

std::int64_t cut_ledger::frontier(std::size_t table) const {
  const auto& one = tables_[table];
  if (!one.attached)
    return one.at.frontier;
  for (const auto& each : entries_)
    if (each.missing[table])
      return each.range.lo;
  return std::max(one.at.frontier, open_lo_);
}

bool cut_ledger::split(std::size_t table, std::int64_t lo,
                       const std::vector<std::int64_t>& ends) {
  const auto* found = cut_at(entries_, lo);
  if (!found || !found->missing[table])
    return false;
  auto& splits = tables_[table].at.splits;
  const auto before = splits;
  const auto range = found->range;
  std::erase_if(splits, [&](std::int64_t each) {
    return each > range.lo && each < range.hi;
  });
  splits.insert(splits.end(), ends.begin(), ends.end());
  std::ranges::sort(splits);
  if (!has_room()) {
    splits = before;
    return false;
  }
  splitting_.push_back({table, range, ++wanted_});
  return true;
}

std::vector<std::int64_t> cut_ledger::splits(std::size_t table,
                                             const cut& range) const {
  std::vector<std::int64_t> result;
  for (const auto each : tables_[table].at.splits)
    if (each > range.lo && each < range.hi)
      result.push_back(each);
  return result;
}

// -- committing ---------------------------------------------------------------

/// Whether the table may have been sent the rows of an intent and may lack
/// them.
bool cut_ledger::needs(std::size_t table, const cut& intent) const {
  const auto& at = tables_[table].at;
  return frontier(table) <= intent.lo
         && (!at.attempted || intent.hi <= *at.attempted);
}

/// Where the tables are that share the open cut: one number, so that one table
/// that is slower than the other costs no commit of its own.
std::int64_t cut_ledger::shared_frontier() const {
  auto result = open_lo_;
  for (const auto& each : entries_)
    if (!each.finished())
      return std::min(result, each.range.lo);
  return result;
}

std::int64_t cut_ledger::frontier() const {
  std::optional<std::int64_t> result;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const auto each = position(i).frontier;
    result = std::min(result.value_or(each), each);
  }
  return *result;
}

table_position cut_ledger::position(std::size_t table) const {
  auto result = tables_[table].at;
  if (takes_part(table)) {
    result.frontier = std::max(result.frontier, shared_frontier());
    result.attempted.reset();
  }
  std::erase_if(result.splits,
                [&](std::int64_t each) { return each <= result.frontier; });
  return result;
}

std::vector<cut> cut_ledger::intents() const {
  std::vector<cut> result;
  for (const auto& intent : base_.intents) {
    auto needed = false;
    for (std::size_t i = 0; i < tables_.size(); ++i)
      needed = needed || needs(i, intent);
    if (needed)
      result.push_back(intent);
  }
  // A finished cut behind one that is not will be read again, too.
  const auto shared = shared_frontier();
  for (const auto& each : entries_)
    if (each.range.hi > shared
        && std::ranges::find(result, each.range) == result.end())
      result.push_back(each.range);
  std::ranges::sort(result);
  return result;
}

std::optional<fingerprint> cut_ledger::last_below(std::int64_t offset) const {
  for (auto each = entries_.rbegin(); each != entries_.rend(); ++each)
    if (each->range.hi <= offset && each->last)
      return each->last;
  if (base_.last && base_.last->offset < offset)
    return base_.last;
  return std::nullopt;
}

position_metadata cut_ledger::metadata(std::int64_t offset) const {
  position_metadata result;
  result.epoch = base_.epoch;
  result.partition_count = base_.partition_count;
  result.pipeline = base_.pipeline;
  result.last = last_below(offset);
  result.intents = intents();
  for (std::size_t i = 0; i < tables_.size(); ++i)
    result.tables.push_back(position(i));
  return result;
}

std::optional<commit_request> cut_ledger::next_commit() {
  if (in_flight_)
    return std::nullopt;
  const auto offset = frontier();
  const auto shared = shared_frontier();
  if (offset == committed_ && shared == recorded_shared_frontier_
      && wanted_ == recorded_)
    return std::nullopt;
  const auto wanted = metadata(offset);
  in_flight_ = flight{offset, wanted_, shared, wanted.last};
  return commit_request{offset, encode(wanted, offset)};
}

void cut_ledger::commit_recorded() {
  assert(in_flight_);
  committed_ = in_flight_->offset;
  recorded_ = in_flight_->revision;
  recorded_shared_frontier_ = in_flight_->shared_frontier;
  base_.last = in_flight_->last;
  in_flight_.reset();
  forget_finished();
}

void cut_ledger::forget_finished() {
  const auto shared = recorded_shared_frontier_;
  while (!entries_.empty() && entries_.front().range.hi <= shared) {
    // What lies below a held offset is not known to the commit.
    if (entries_.front().last && entries_.front().range.hi <= committed_)
      base_.last = entries_.front().last;
    entries_.pop_front();
  }
  std::erase_if(base_.intents, [this](const cut& intent) {
    for (std::size_t i = 0; i < tables_.size(); ++i)
      if (needs(i, intent))
        return false;
    return true;
  });
  for (std::size_t i = 0; i < tables_.size(); ++i)
    std::erase_if(tables_[i].at.splits, [&](std::int64_t each) {
      return each <= std::min(shared, frontier(i));
    });
}

void cut_ledger::commit_failed() {
  assert(in_flight_);
  in_flight_.reset();
}

std::vector<recorded_cut> cut_ledger::take_recorded() {
  std::vector<recorded_cut> result;
  for (auto& each : entries_) {
    // In order, even when Kafka has the end of a later one from a former life.
    if (each.revision > recorded_)
      break;
    if (!std::exchange(each.handed_out, true))
      result.push_back({each.range, each.replayed});
  }
  return result;
}

std::vector<recorded_split> cut_ledger::take_splits() {
  std::vector<recorded_split> result;
  for (const auto& each : splitting_)
    if (each.revision <= recorded_)
      result.push_back({each.table, each.range});
  std::erase_if(splitting_, [this](const pending_split& each) {
    return each.revision <= recorded_;
  });
  return result;
}

bool cut_ledger::settled() const {
  return unfinished() == 0 && !in_flight_ && frontier() == committed_
         && shared_frontier() == recorded_shared_frontier_
         && wanted_ == recorded_;
}

} // namespace sluice::kafka
