// How long to wait before the next attempt.
#pragma once

#include <algorithm>
#include <chrono>

namespace sluice::actors {

/// Doubles from `first` to `longest`; a success starts over.
class backoff {
public:
  backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_{first}, longest_{longest}, next_{first} {}

  /// The wait before the next attempt; the one after it is twice as long.
  [[nodiscard]] std::chrono::milliseconds next() {
    const auto result = next_;
    next_ = std::min(next_ * 2, longest_);
    return result;
  }
  void reset() { next_ = first_; }

private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
};

} // namespace sluice::actors
