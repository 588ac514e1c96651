#include "kafka/cut_ledger.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::kafka {

cut_ledger::cut_ledger(std::int64_t start, const position_metadata& committed,
                       std::size_t tables)
    : tables_{tables}, epoch_{committed.epoch},
      intended_(committed.cut_ends.begin(), committed.cut_ends.end()),
      open_lo_{start}, committed_{start},
      recorded_end_{intended_.empty() ? start : intended_.back()} {
  assert(tables > 0);
}

std::optional<std::int64_t> cut_ledger::intended_end() const {
  if (intended_.empty())
    return std::nullopt;
  return intended_.front();
}

void cut_ledger::add(std::size_t records, std::size_t bytes) {
  open_records_ += records;
  open_bytes_ += bytes;
}

std::size_t cut_ledger::bytes_in_flight() const {
  auto result = open_bytes_;
  for (const auto& each : entries_)
    if (each.missing > 0)
      result += each.bytes;
  return result;
}

std::size_t cut_ledger::unfinished() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const entry& each) { return each.missing > 0; }));
}

cut cut_ledger::close(std::int64_t hi) {
  assert(hi > open_lo_);
  assert(intended_.empty() || intended_.front() == hi);
  const cut range{open_lo_, hi};
  entries_.push_back({range, open_bytes_, tables_, hi <= recorded_end_, false});
  if (!intended_.empty())
    intended_.pop_front();
  open_lo_ = hi;
  open_records_ = 0;
  open_bytes_ = 0;
  return range;
}

std::vector<std::int64_t> cut_ledger::ends_beyond(std::int64_t offset) const {
  std::vector<std::int64_t> result;
  for (const auto& each : entries_)
    if (each.range.hi > offset)
      result.push_back(each.range.hi);
  // Intents that are not cut again yet stay recorded, or a second crash would
  // forget where the first owner had cut.
  result.insert(result.end(), intended_.begin(), intended_.end());
  return result;
}

std::optional<commit_request> cut_ledger::next_commit() {
  if (in_flight_)
    return std::nullopt;
  const auto offset = frontier();
  position_metadata metadata{epoch_, ends_beyond(offset)};
  const auto end =
      metadata.cut_ends.empty() ? offset : metadata.cut_ends.back();
  if (offset == committed_ && end <= recorded_end_)
    return std::nullopt;
  in_flight_ = flight{offset, end};
  return commit_request{offset, encode(metadata, offset)};
}

void cut_ledger::commit_recorded() {
  assert(in_flight_);
  committed_ = in_flight_->offset;
  recorded_end_ = std::max(recorded_end_, in_flight_->end);
  in_flight_.reset();
  for (auto& each : entries_)
    each.recorded = each.recorded || each.range.hi <= recorded_end_;
  while (!entries_.empty() && entries_.front().range.hi <= committed_)
    entries_.pop_front();
}

void cut_ledger::commit_failed() {
  assert(in_flight_);
  in_flight_.reset();
}

std::vector<cut> cut_ledger::take_recorded() {
  std::vector<cut> result;
  for (auto& each : entries_) {
    if (!each.recorded || each.handed_out)
      continue;
    each.handed_out = true;
    result.push_back(each.range);
  }
  return result;
}

bool cut_ledger::acknowledge(std::int64_t lo) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [lo](const entry& each) { return each.range.lo == lo; });
  if (found == entries_.end() || found->missing == 0)
    return false;
  --found->missing;
  return true;
}

std::int64_t cut_ledger::frontier() const {
  auto result = committed_;
  for (const auto& each : entries_) {
    if (each.missing > 0)
      break;
    result = each.range.hi;
  }
  return result;
}

bool cut_ledger::settled() const {
  return unfinished() == 0 && !in_flight_ && frontier() == committed_;
}

} // namespace sluice::kafka
