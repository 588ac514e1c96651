// Numbers that look random and are the same for the same seed on every machine.
#pragma once

#include <cstdint>

namespace sluice::bench {

/// SplitMix64's finaliser over both numbers (Steele, Lea, Flood 2014, "Fast
/// splittable pseudorandom number generators"): any bit of the result may be
/// used.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t seed,
                                          std::uint64_t number) {
  auto value = seed + (number + 1) * 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

} // namespace sluice::bench
