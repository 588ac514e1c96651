// Which golds a silver table feeds: with its own event times, or because their
// SQL joins it to the table that has them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gold/window_rule.hpp"
#include "topology/topology.hpp"

namespace sluice::marks {

struct feed {
  topology::gold gold;
  gold::window_rule rule;
  /// std::nullopt: the table is the gold's `over` table.
  std::optional<topology::gold_join> join;
};

/// In the topology's order; a table that is both has two. The error is one
/// line: a gold whose windows cannot be made.
[[nodiscard]] tl::expected<std::vector<feed>, std::string>
feeds_of(const std::vector<topology::gold>& golds, const std::string& table);

} // namespace sluice::marks
