// Every decision that a schedule leaves to chance comes from here, so that a
// seed repeats it exactly, on any machine and with any standard library.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::simulation {

/// Time since the schedule began; virtual.
using instant = std::chrono::microseconds;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
class random_source {
public:
  explicit random_source(std::uint64_t seed) : state_{seed} {}

  [[nodiscard]] std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  /// Uniform in [low, high]; low <= high.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % span);
  }
  /// Uniform in [0, count); count > 0.
  [[nodiscard]] std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(next() % count);
  }
  [[nodiscard]] bool chance(double probability) {
    constexpr double range = 1ULL << 53U;
    return static_cast<double>(next() >> 11U) / range < probability;
  }
  /// Uniform in [low, high], to the microsecond.
  [[nodiscard]] instant within(instant low, instant high) {
    return instant{between(low.count(), high.count())};
  }
  /// A stream of its own: what draws from it does not shift this one.
  [[nodiscard]] random_source split() { return random_source{next()}; }

private:
  std::uint64_t state_;
};

} // namespace sluice::simulation
