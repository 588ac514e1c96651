#include "actors/insert_slots.hpp"

#include <algorithm>

namespace sluice::actors {

insert_slots::instant insert_slots::take(instant now, std::size_t count) {
  constexpr std::chrono::seconds saved_up{1};
  const std::lock_guard lock{mutex_};
  taken_until_ = std::max(taken_until_, now)
                 + apart_ * static_cast<instant::duration::rep>(count);
  return std::max(now, taken_until_ - saved_up);
}

std::shared_ptr<insert_slots>
make_insert_slots(const topology::tuning& tuning) {
  return std::make_shared<insert_slots>(tuning.inserts_of_node());
}

} // namespace sluice::actors
