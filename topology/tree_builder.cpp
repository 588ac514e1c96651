#include "topology/tree_builder.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "topology/substitute.hpp"
#include "topology/utf8.hpp"

namespace sluice::topology {

namespace {

struct extent {
  /// Values of a tree, each alias counted again.
  std::size_t values = 1;
  std::size_t depth = 1;
};

extent measure(const node& tree) {
  extent whole;
  const auto add_child = [&](const node& child) {
    const auto part = measure(child);
    whole.values += part.values;
    whole.depth = std::max(whole.depth, part.depth + 1);
  };
  for (const auto& item : tree.items)
    add_child(*item);
  for (const auto& child : tree.entries)
    add_child(*child.value);
  return whole;
}

} // namespace

node_ptr tree_builder::take_root() {
  open_.clear();
  anchors_.clear();
  return root_ ? std::move(root_) : std::make_shared<const node>();
}

position tree_builder::at(const YAML::Mark& mark) const {
  if (mark.is_null() || mark.line < 0 || mark.column < 0)
    return {1, 1};
  const auto line = static_cast<std::size_t>(mark.line);
  if (line >= lines_.size())
    return {mark.line + 1, mark.column + 1};
  const auto byte =
      std::min(static_cast<std::size_t>(mark.column), lines_[line].size());
  // Events come from left to right: counting on from the last one keeps a very
  // long line linear.
  if (line != counted_.line || byte < counted_.byte)
    counted_ = {line, 0, 0};
  counted_.characters += count_characters(
      lines_[line].substr(counted_.byte, byte - counted_.byte));
  counted_.byte = byte;
  return {mark.line + 1, static_cast<int>(counted_.characters) + 1};
}

std::string_view tree_builder::source_at(const YAML::Mark& mark) const {
  const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
  const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
  if (line >= lines_.size() || column >= lines_[line].size())
    return {};
  return lines_[line].substr(column);
}

bool tree_builder::ends_inside_quotes() const {
  const auto first = source_at(last_scalar_);
  if (!first.starts_with('\'') && !first.starts_with('"'))
    return false;
  const char quote = first.front();
  // A doubled single quote closes and opens again, which needs no case.
  bool open = true;
  auto line = static_cast<std::size_t>(last_scalar_.line);
  for (auto rest = first.substr(1);; rest = lines_[line]) {
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (quote == '"' && rest[i] == '\\')
        ++i;
      else if (rest[i] == quote)
        open = quote == '\'' && !open;
      else if (!open)
        return false;
      if (!open && quote == '"')
        return false;
    }
    if (!open || ++line >= lines_.size())
      return open;
  }
}

void tree_builder::OnDocumentStart(const YAML::Mark& mark) {
  document_start_ = mark;
}

void tree_builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto value = std::make_shared<node>();
  value->where = at(mark);
  // yaml-cpp does not say whether "null" was written or nothing at all; the
  // mark of nothing is that of the next token.
  constexpr std::array<std::string_view, 4> words{"null", "Null", "NULL", "~"};
  const auto rest = source_at(mark);
  for (const auto word : words) {
    const auto next = rest.substr(std::min(word.size(), rest.size()), 1);
    if (rest.starts_with(word)
        && next.find_first_not_of(" \t,}]:") == std::string_view::npos)
      value->text = word;
  }
  count(1, value->where);
  if (anchor != 0)
    anchors_[anchor] = {value, 1, 1};
  add(std::move(value));
}

void tree_builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end())
    throw bound_exceeded{at(mark), "an alias stands inside its own anchor: the "
                                   "value would contain itself"};
  count(known->second.values, at(mark));
  check_depth(known->second.depth, at(mark));
  add(known->second.value);
}

void tree_builder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                            YAML::anchor_t anchor, const std::string& value) {
  auto scalar = std::make_shared<node>();
  scalar->kind = node_kind::text;
  scalar->where = at(mark);
  last_scalar_ = mark;
  check_tag(tag, scalar->where);
  count(1, scalar->where);
  const bool is_key = !open_.empty()
                      && open_.back().value->kind == node_kind::map
                      && !open_.back().has_key;
  if (is_key) {
    scalar->text = value;
  } else if (auto text = substitute(value, env_)) {
    scalar->text = std::move(*text);
  } else {
    found_.add(scalar->where, text.error());
    scalar->faulty = true;
  }
  if (anchor != 0)
    anchors_[anchor] = {scalar, 1, 1};
  add(std::move(scalar), tag == "!");
}

void tree_builder::OnSequenceStart(const YAML::Mark& mark,
                                   const std::string& tag,
                                   YAML::anchor_t anchor,
                                   YAML::EmitterStyle::value /*style*/) {
  begin(node_kind::list, mark, tag, anchor);
}

void tree_builder::OnSequenceEnd() { end(); }

void tree_builder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                              YAML::anchor_t anchor,
                              YAML::EmitterStyle::value /*style*/) {
  begin(node_kind::map, mark, tag, anchor);
}

void tree_builder::OnMapEnd() {
  merge(open_.back());
  end();
}

void tree_builder::begin(node_kind kind, const YAML::Mark& mark,
                         const std::string& tag, YAML::anchor_t anchor) {
  const auto where = at(mark);
  check_tag(tag, where);
  check_depth(1, where);
  count(1, where);
  open_node opened;
  opened.value = std::make_shared<node>();
  opened.value->kind = kind;
  opened.value->where = where;
  opened.anchor = anchor;
  open_.push_back(std::move(opened));
}

void tree_builder::end() {
  auto closed = std::move(open_.back());
  open_.pop_back();
  if (closed.anchor != 0) {
    const auto size = measure(*closed.value);
    anchors_[closed.anchor] = {closed.value, size.values, size.depth};
  }
  add(std::move(closed.value));
}

void tree_builder::add(node_ptr value, bool quoted) {
  if (open_.empty()) {
    root_ = std::move(value);
    return;
  }
  auto& parent = open_.back();
  if (parent.value->kind == node_kind::list) {
    parent.value->items.push_back(std::move(value));
  } else if (!parent.has_key) {
    take_key(parent, *value, quoted);
  } else {
    parent.has_key = false;
    if (parent.merges)
      parent.merged.push_back(std::move(value));
    else
      parent.value->entries.push_back(
          {std::move(parent.key), parent.key_where, std::move(value)});
  }
}

void tree_builder::take_key(open_node& map, const node& key, bool quoted) {
  const bool is_text = key.kind == node_kind::text
                       || (key.kind == node_kind::nothing && !key.text.empty());
  if (!is_text)
    found_.add(key.where, "a key must be text");
  map.has_key = true;
  map.key = key.text;
  map.key_where = key.where;
  map.merges = !quoted && key.text == "<<";
}

void tree_builder::count(std::size_t values, position where) {
  values_ += values;
  if (values_ > yaml_values_max)
    throw bound_exceeded{where, "more than " + std::to_string(yaml_values_max)
                                    + " values (aliases count each time): that "
                                      "is no topology"};
}

void tree_builder::check_depth(std::size_t added, position where) const {
  if (open_.size() + added > yaml_depth_max)
    throw bound_exceeded{where, "nested deeper than "
                                    + std::to_string(yaml_depth_max)
                                    + " levels: that is no topology"};
}

void tree_builder::check_tag(const std::string& tag, position where) {
  constexpr std::string_view standard = "tag:yaml.org,2002:";
  constexpr std::array<std::string_view, 7> harmless{
      "str", "int", "float", "bool", "null", "map", "seq"};
  if (tag.empty() || tag == "?" || tag == "!")
    return;
  if (tag.starts_with(standard)
      && std::find(harmless.begin(), harmless.end(),
                   std::string_view{tag}.substr(standard.size()))
             != harmless.end())
    return;
  found_.add(where, "the YAML tag " + shown(tag)
                        + " means nothing here; for the environment write "
                          "${NAME}, for a secret {file: PATH}");
}

void tree_builder::merge(open_node& map) {
  report_duplicates(*map.value);
  if (map.merged.empty())
    return;
  std::unordered_set<std::string> present;
  for (const auto& own : map.value->entries)
    present.insert(own.key);
  const auto merge_map = [&](const node& from) {
    for (const auto& other : from.entries) {
      if (!present.insert(other.key).second)
        continue;
      const auto size = measure(*other.value);
      count(size.values, map.value->where);
      map.value->entries.push_back(other);
    }
  };
  for (const auto& source : map.merged) {
    const bool are_maps =
        source->kind == node_kind::list
        && std::all_of(
            source->items.begin(), source->items.end(),
            [](const auto& item) { return item->kind == node_kind::map; });
    if (source->kind == node_kind::map)
      merge_map(*source);
    else if (!are_maps)
      found_.add(source->where, "'<<' merges a map or a list of maps");
    else
      for (const auto& item : source->items)
        merge_map(*item);
  }
}

void tree_builder::report_duplicates(node& map) {
  std::unordered_map<std::string_view, int> first_lines;
  std::vector<bool> repeated;
  for (const auto& own : map.entries) {
    const auto [first, is_new] =
        first_lines.try_emplace(own.key, own.where.line);
    repeated.push_back(!is_new);
    if (!is_new)
      found_.add(own.where, "duplicate key " + shown(own.key)
                                + ": it stands in line "
                                + std::to_string(first->second) + " already");
  }
  std::size_t index = 0;
  std::erase_if(map.entries, [&](const entry&) { return repeated[index++]; });
}

} // namespace sluice::topology
