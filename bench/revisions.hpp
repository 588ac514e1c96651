// Which rows a stream has made, how often it has changed each, and which are
// gone: one byte a row, so that tens of millions fit into memory.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/mix.hpp"

namespace sluice::bench {

/// How many of a hundred changes are updates and deletes; the others create.
struct change_mix {
  unsigned updates = 9;
  unsigned deletes = 2;
};

class revisions {
public:
  struct step {
    char operation = 'c';
    /// Rows are numbered from 0 in the order of their creation.
    std::uint64_t row = 0;
    /// 0 for a new row; of a deleted one, its last.
    unsigned revision = 0;
  };

  revisions(std::uint64_t seed, change_mix mix) : seed_{seed}, mix_{mix} {}

  /// Updates and deletes strike rows of any age; where the chosen one is gone,
  /// or has had its 254 revisions, a row is created instead.
  [[nodiscard]] step next() {
    const auto choice = mix(seed_, count_++);
    const auto percent = choice % 100;
    if (!newest_.empty() && percent < mix_.updates + mix_.deletes) {
      const auto row = (choice >> 20U) % newest_.size();
      auto& newest = newest_[row];
      if (percent >= mix_.updates && newest != gone) {
        const unsigned last = newest;
        newest = gone;
        return {'d', row, last};
      }
      if (percent < mix_.updates && newest < gone - 1)
        return {'u', row, ++newest};
    }
    newest_.push_back(0);
    return {'c', newest_.size() - 1, 0};
  }

  /// Changes so far.
  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// Calls `visit(row, revision)` for each row that is there.
  template <class Visit>
  void for_each_live(Visit visit) const {
    for (std::uint64_t row = 0; row < newest_.size(); ++row)
      if (newest_[row] != gone)
        visit(row, unsigned{newest_[row]});
  }

private:
  static constexpr std::uint8_t gone = 255;
  std::uint64_t seed_;
  change_mix mix_;
  std::uint64_t count_ = 0;
  std::vector<std::uint8_t> newest_;
};

} // namespace sluice::bench
