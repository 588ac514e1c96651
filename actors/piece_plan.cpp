#include "actors/piece_plan.hpp"

#include <algorithm>
#include <utility>

namespace sluice::actors {

piece_plan::piece_plan(const kafka::cut& range,
                       std::vector<std::int64_t> offsets,
                       std::span<const std::int64_t> ends)
    : offsets_{std::move(offsets)} {
  auto lo = range.lo;
  const auto add = [&](std::int64_t hi) {
    const kafka::cut piece{std::exchange(lo, hi), hi};
    // Where no row is, nothing is to be written.
    parts_.push_back({piece, rows(piece) == 0});
  };
  for (const auto end : ends)
    add(end);
  add(range.hi);
}

std::span<const std::int64_t>
piece_plan::offsets_of(const kafka::cut& piece) const {
  const auto first = std::ranges::lower_bound(offsets_, piece.lo);
  const auto last = std::ranges::lower_bound(offsets_, piece.hi);
  return {first, last};
}

std::size_t piece_plan::rows(const kafka::cut& piece) const {
  return offsets_of(piece).size();
}

std::int64_t piece_plan::first_row(const kafka::cut& piece) const {
  return offsets_of(piece).front();
}

std::optional<kafka::cut> piece_plan::next() const {
  const auto found = std::ranges::find(parts_, false, &part::finished);
  if (found == parts_.end())
    return std::nullopt;
  return found->range;
}

void piece_plan::finish(const kafka::cut& piece) {
  const auto found = std::ranges::find(parts_, piece, &part::range);
  if (found == parts_.end())
    return;
  found->finished = true;
  std::vector<part> joined;
  for (const auto& each : parts_) {
    if (!joined.empty() && joined.back().finished && each.finished)
      joined.back().range.hi = each.range.hi;
    else
      joined.push_back(each);
  }
  parts_ = std::move(joined);
}

void piece_plan::halve(const kafka::cut& piece) {
  const auto found = std::ranges::find(parts_, piece, &part::range);
  const auto offsets = offsets_of(piece);
  if (found == parts_.end() || offsets.size() < 2)
    return;
  const auto middle = offsets[offsets.size() / 2];
  const part second{{middle, piece.hi}, false};
  found->range.hi = middle;
  parts_.insert(found + 1, second);
}

std::vector<std::int64_t> piece_plan::ends() const {
  std::vector<std::int64_t> result;
  for (const auto& each : parts_)
    result.push_back(each.range.hi);
  result.pop_back();
  return result;
}

} // namespace sluice::actors
