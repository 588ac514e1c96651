#include "kafka/trouble_board.hpp"

namespace sluice::kafka {

void trouble_board::raise(const std::string& key, const std::string& reason) {
  if (reasons_.emplace(key, reason).second)
    tell_(reason);
}

void trouble_board::clear(const std::string& key) {
  if (reasons_.erase(key) == 0)
    return;
  tell_(reasons_.empty() ? std::string{} : reasons_.begin()->second);
}

void trouble_board::clear_all(const std::string& prefix) {
  auto at = reasons_.lower_bound(prefix);
  bool changed = false;
  while (at != reasons_.end() && at->first.starts_with(prefix)) {
    at = reasons_.erase(at);
    changed = true;
  }
  if (changed)
    tell_(reasons_.empty() ? std::string{} : reasons_.begin()->second);
}

} // namespace sluice::kafka
