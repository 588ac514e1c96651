// What the load puts into the columns that golds are made of, so that their
// windows have rows to gain, to lose, to move and to join. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace sluice::chaos {

/// Which values a column of the load may have, other than any.
struct gold_values {
  /// Of an event time: seconds since 1970 in [begin, begin + span), about a
  /// dozen windows that are over. `span` 0: it is none.
  std::int64_t begin = 0;
  std::int64_t span = 0;
  /// Numbers below this: so small that sums of products fit their columns, and
  /// of a joined column such as the other side has.
  std::uint64_t numbers = 0;
  /// Texts that a gold's SQL names and so may select by; half of the values
  /// are such ones.
  std::vector<std::string> words;
  bool operator==(const gold_values&) const = default;
};

/// std::nullopt: the table feeds no gold of `what`, or the column is in its
/// key. `keys`: how many different keys the load makes of a topic at most.
[[nodiscard]] std::optional<gold_values>
values_for(const topology::topology& what, const topology::table& table,
           const topology::column& column, std::uint64_t keys);

} // namespace sluice::chaos
