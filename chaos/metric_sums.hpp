// Counters of processes that come and go, summed over their lives. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::chaos {

/// One thread at a time.
class metric_sums {
public:
  /// What process `life` (a new number for each start) exposes now, in
  /// Prometheus' text format. Series of one name are added up.
  void observe(int life, std::string_view exposition);
  /// One counter of a process that has no exposition.
  void observe(int life, const std::string& name, double value);

  /// The sum of the last values of all lives; what a process counted between
  /// its last observation and its end is not in it.
  [[nodiscard]] double total(const std::string& name) const;
  /// The greatest value that one process ever showed.
  [[nodiscard]] double peak(const std::string& name) const;
  /// Whether any process exposed a series of that name.
  [[nodiscard]] bool knows(const std::string& name) const;

private:
  std::map<std::pair<std::string, int>, double> last_;
  std::map<std::string, double> peak_;
};

} // namespace sluice::chaos
