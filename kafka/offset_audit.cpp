#include "kafka/offset_audit.hpp"

#include <algorithm>

namespace sluice::kafka {

bool offset_audit::acknowledged(const cut& range) {
  const auto after = ahead_.lower_bound(range.lo);
  const auto overlaps =
      range.lo < frontier_ || (after != ahead_.end() && after->first < range.hi)
      || (after != ahead_.begin() && std::prev(after)->second > range.lo);
  auto& hi = ahead_[range.lo];
  hi = std::max(hi, range.hi);
  return !overlaps;
}

bool offset_audit::committed(std::int64_t frontier) {
  auto reached = frontier_;
  while (!ahead_.empty() && ahead_.begin()->first <= reached
         && reached < frontier) {
    reached = std::max(reached, ahead_.begin()->second);
    ahead_.erase(ahead_.begin());
  }
  const auto whole = reached >= frontier;
  frontier_ = std::max(reached, frontier);
  return whole;
}

} // namespace sluice::kafka
