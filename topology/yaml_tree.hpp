// A YAML document as a tree that knows where everything stands. It is read from
// yaml-cpp's events, not from its nodes: those know no positions of keys and
// put no bound on what an alias may multiply.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "topology/mistakes.hpp"

namespace sluice::topology {

enum class node_kind { nothing, text, list, map };

struct node;
/// Shared, because an alias stands for the node of its anchor. Never null.
using node_ptr = std::shared_ptr<const node>;

struct entry {
  std::string key;
  position where;
  node_ptr value;
};

struct node {
  node_kind kind = node_kind::nothing;
  position where;
  /// A scalar's text, with ${...} replaced. For `nothing`: as it was written
  /// ("", "~", "null").
  std::string text;
  /// What stands here was already reported (a ${...} that cannot be replaced):
  /// nothing more is to be said about it.
  bool faulty = false;
  std::vector<node_ptr> items;
  /// In the order of the file, each key once.
  std::vector<entry> entries;

  /// The value of `key`; nullptr when there is none.
  [[nodiscard]] const entry* find(std::string_view key) const;
};

/// Bounds on a document. Beyond them it is refused with one mistake.
inline constexpr std::size_t yaml_bytes_max = std::size_t{4} << 20U;
inline constexpr std::size_t yaml_depth_max = 32;
/// Values, with every alias counted as often as it is used.
inline constexpr std::size_t yaml_values_max = 500'000;

/// Parses the one document of `yaml` (UTF-8, YAML 1.2 as yaml-cpp reads it,
/// with merge keys "<<"). Duplicate keys, keys that are not text, tags, and
/// ${...} that cannot be replaced are added to `found`, and the tree is
/// returned all the same; nullptr after what leaves no tree: a syntax error,
/// bytes that are not text, a bound exceeded.
[[nodiscard]] node_ptr parse_yaml(std::string_view yaml, const environment& env,
                                  mistakes& found);

} // namespace sluice::topology
