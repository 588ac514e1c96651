// What ClickHouse has understood of a SELECT: the output of EXPLAIN QUERY TREE,
// whose nesting is its indentation, two spaces a level.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::plan {

/// "TABLE id: 5, table_name: shop.events", or the name of a part of a node
/// ("GROUP BY"), and what is indented below it.
struct tree_node {
  std::string text;
  std::vector<tree_node> children;

  /// Whether it is a node of this kind: "TABLE", "FUNCTION".
  [[nodiscard]] bool is(std::string_view kind) const;
  /// "shop.events" for "table_name"; empty: it has no such attribute.
  [[nodiscard]] std::string_view attribute(std::string_view name) const;
  /// The part of this name; nullptr: it has none.
  [[nodiscard]] const tree_node* part(std::string_view name) const;
};

/// std::nullopt: it is no tree (a name in it may have a line feed).
[[nodiscard]] std::optional<tree_node> parse_query_tree(std::string_view lines);

/// The nodes of a part that is a list, a function's arguments for example;
/// none: there is no such part.
[[nodiscard]] std::vector<const tree_node*> items_of(const tree_node& node,
                                                     std::string_view part);

/// The same for two nodes that stand for the same expression.
[[nodiscard]] std::string signature(const tree_node& node);

/// Every node of a kind, the node itself included.
[[nodiscard]] std::vector<const tree_node*> find_all(const tree_node& node,
                                                     std::string_view kind);

} // namespace sluice::plan
