#include "status/age.hpp"

#include <algorithm>
#include <cstdint>

namespace sluice::status {

std::string age_text(std::chrono::milliseconds age) {
  const auto count = std::max<std::int64_t>(0, age.count());
  constexpr std::int64_t second = 1'000;
  constexpr std::int64_t minute = 60 * second;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (count < minute)
    return std::to_string(count / second) + '.'
           + std::to_string(count % second / 100) + " s";
  if (count < hour)
    return std::to_string(count / minute) + " min";
  if (count < 2 * day)
    return std::to_string(count / hour) + " h";
  return std::to_string(count / day) + " d";
}

} // namespace sluice::status
