// How long a partition of a topic goes unwritten after something broke. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::chaos {

/// One thread at a time.
class write_gaps {
public:
  using instant = std::chrono::steady_clock::time_point;

  /// ClickHouse has acknowledged a block; `token` is its deduplication token.
  void written(const std::string& token, instant at);
  /// Something broke.
  void broke(const std::string& what, instant at);

  /// For each kind of break, the longest time between two writes of one table
  /// and partition with a break of that kind in between, and of no partition
  /// that has no writes behind the break.
  [[nodiscard]] const std::map<std::string, std::chrono::milliseconds>&
  longest() const {
    return longest_;
  }

private:
  struct event {
    std::string what;
    instant at;
  };
  std::map<std::string, instant> last_;
  std::vector<event> breaks_;
  std::map<std::string, std::chrono::milliseconds> longest_;
};

/// "<pipeline>/<table>/<topic>/<partition>" of a token; std::nullopt when it is
/// no token of a block.
[[nodiscard]] std::optional<std::string> series_of(const std::string& token);

} // namespace sluice::chaos
