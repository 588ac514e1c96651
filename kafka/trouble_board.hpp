// Which conditions outside hold, so that each is told once.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace sluice::kafka {

/// Keeps the conditions that hold, by key, and tells each change once: a new
/// or changed reason, and an empty one when the last condition is gone. Not
/// thread-safe.
class trouble_board {
public:
  explicit trouble_board(std::function<void(std::string)> tell)
      : tell_{std::move(tell)} {}

  /// The condition `key` holds for `reason`. Told if it is new; a condition
  /// whose words alone change (ports, counters) is not told again.
  void raise(const std::string& key, const std::string& reason);
  /// The condition `key` has ended. When others still hold, one of them is
  /// told, so that the last line told is always true.
  void clear(const std::string& key);
  /// clear() for every key that starts with `prefix`.
  void clear_all(const std::string& prefix);

  [[nodiscard]] bool healthy() const { return reasons_.empty(); }
  [[nodiscard]] bool holds(const std::string& key) const {
    return reasons_.contains(key);
  }

private:
  std::function<void(std::string)> tell_;
  std::map<std::string, std::string> reasons_;
};

} // namespace sluice::kafka
