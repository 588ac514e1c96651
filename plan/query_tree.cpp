#include "plan/query_tree.hpp"

#include <algorithm>

namespace sluice::plan {

namespace {

constexpr std::string_view separator = ", ";

/// The attributes of a node, of which the first is its kind and id.
template <class Visit>
void each_attribute(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
}

void add_signature(const tree_node& node, std::string& to) {
  const std::string_view text{node.text};
  to += text.substr(0, text.find(' '));
  // Ids and aliases differ between two nodes of the same expression.
  const auto rest = text.substr(std::min(text.find(separator), text.size()));
  each_attribute(rest, [&to](std::string_view attribute) {
    if (!attribute.starts_with("alias: "))
      (to += ' ').append(attribute);
  });
  to += '(';
  for (const auto& each : node.children)
    add_signature(each, to);
  to += ')';
}

void add_all(const tree_node& node, std::string_view kind,
             std::vector<const tree_node*>& to) {
  if (node.is(kind))
    to.push_back(&node);
  for (const auto& each : node.children)
    add_all(each, kind, to);
}

} // namespace

bool tree_node::is(std::string_view kind) const {
  return text.starts_with(kind)
         && std::string_view{text}.substr(kind.size()).starts_with(" id: ");
}

std::string_view tree_node::attribute(std::string_view name) const {
  std::string_view result;
  each_attribute(text, [&](std::string_view attribute) {
    if (attribute.starts_with(name)
        && attribute.substr(name.size()).starts_with(": "))
      result = attribute.substr(name.size() + 2);
  });
  return result;
}

const tree_node* tree_node::part(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &tree_node::text);
  return found == children.end() ? nullptr : &*found;
}

std::optional<tree_node> parse_query_tree(std::string_view lines) {
  std::optional<tree_node> root;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    std::size_t depth = 0;
    for (; line.starts_with("  "); ++depth)
      line.remove_prefix(2);
    if (line.empty() || line.front() == ' ' || (depth == 0) != !root)
      return std::nullopt;
    if (depth == 0) {
      root = tree_node{std::string{line}, {}};
      continue;
    }
    auto* parent = &*root;
    for (; depth > 1; --depth) {
      if (parent->children.empty())
        return std::nullopt;
      parent = &parent->children.back();
    }
    parent->children.push_back({std::string{line}, {}});
  }
  return root;
}

std::vector<const tree_node*> items_of(const tree_node& node,
                                       std::string_view part) {
  std::vector<const tree_node*> result;
  const auto* list = node.part(part);
  if (list == nullptr || list->children.empty())
    return result;
  for (const auto& each : list->children.front().children)
    result.push_back(&each);
  return result;
}

std::string signature(const tree_node& node) {
  std::string result;
  add_signature(node, result);
  return result;
}

std::vector<const tree_node*> find_all(const tree_node& node,
                                       std::string_view kind) {
  std::vector<const tree_node*> result;
  add_all(node, kind, result);
  return result;
}

} // namespace sluice::plan
