// What distinguishes a gold table from its SQL over all of silver. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "gold/window.hpp"

namespace sluice::chaos {

struct gold_difference {
  std::string gold;
  /// Windows that were compared, and rows that they must have together.
  std::uint64_t windows = 0;
  std::uint64_t rows = 0;
  /// Windows that are not what their SQL yields.
  std::uint64_t different = 0;
  /// The first of them, for people; empty when there is none.
  std::string example;
  [[nodiscard]] bool is_exact() const { return different == 0; }
};

/// Takes one window into account. Both texts are rows as TabSeparated, sorted
/// by all columns: what the table shows and what its SQL yields.
void compare_window(const gold::window& what, const std::string& shown,
                    const std::string& yielded, gold_difference& into);

} // namespace sluice::chaos
