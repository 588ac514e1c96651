#include "actors/cut_pace.hpp"

#include <algorithm>

#include "plan/insert_rate.hpp"

namespace sluice::actors {

namespace {

constexpr unsigned stretch_max = 5;
constexpr unsigned shrink_max = 10;
constexpr unsigned calm = 8;

} // namespace

cut_pace::cut_pace(const topology::tuning& tuning, std::int32_t partitions)
    : tuning_{tuning}, least_age_{plan::cut_age_of(tuning, partitions)} {}

std::chrono::milliseconds cut_pace::age() const {
  return least_age_ * (1U << stretch_);
}

std::size_t cut_pace::rows() const {
  return std::max<std::size_t>(tuning_.cut_rows >> shrink_, 1);
}

std::size_t cut_pace::bytes(std::size_t credit) const {
  // One cut fills while the others are on their way. What fills meanwhile is
  // smaller: to insert rows takes less time than to take and decode them.
  const auto share = 2 * credit / (tuning_.cuts_in_flight + 1);
  return std::max<std::size_t>(std::min(tuning_.cut_bytes, share) >> shrink_,
                               1);
}

void cut_pace::written(bool crowded) {
  if (crowded) {
    stretch_ = std::min(stretch_ + 1, stretch_max);
    quiet_ = 0;
    return;
  }
  if (++quiet_ < calm)
    return;
  quiet_ = 0;
  stretch_ -= stretch_ > 0 ? 1 : 0;
  shrink_ -= shrink_ > 0 ? 1 : 0;
}

void cut_pace::too_large() {
  shrink_ = std::min(shrink_ + 1, shrink_max);
  quiet_ = 0;
}

} // namespace sluice::actors
