// Whether a gold's SQL can yield its key more than once, as far as the query
// itself tells. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plan/query_tree.hpp"
#include "plan/schema.hpp"

namespace sluice::plan {

enum class key_verdict {
  /// Each key occurs once.
  unique,
  /// Nothing in the query keeps a key from occurring again.
  can_repeat,
  /// The query has a form that is not looked into: a UNION, a join without
  /// GROUP BY, a subquery whose rows are passed on.
  unknown,
};

struct key_finding {
  key_verdict what = key_verdict::unknown;
  /// For can_repeat: what makes more rows than there are keys, "it groups by
  /// full_name".
  std::string why;
};

/// `query` is the whole tree, `key` the places of the key's columns in its
/// projection. A query whose GROUP BY (or DISTINCT) has nothing but the key and
/// what follows from it is unique: constants, functions of it, and the other
/// columns of a `latest` table whose key it holds, be it by a join's equality.
/// So is one row of aggregates, and so are the plain rows of such a table.
[[nodiscard]] key_finding find_repeated_key(const tree_node& query,
                                            std::span<const std::size_t> key,
                                            const topology::topology& what);

/// The silver table that a TABLE node reads; nullptr: another one.
[[nodiscard]] const topology::table* table_of(const tree_node& node,
                                              const topology::topology& what);

} // namespace sluice::plan
