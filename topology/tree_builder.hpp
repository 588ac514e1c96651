// Turns yaml-cpp's events into a tree; see yaml_tree.hpp.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "topology/yaml_tree.hpp"

namespace sluice::topology {

/// Ends the parse: the document is too deep, too large, or contains itself.
struct bound_exceeded : std::runtime_error {
  bound_exceeded(position at, const std::string& message)
      : std::runtime_error{message}, where{at} {}
  position where;
};

class tree_builder final : public YAML::EventHandler {
public:
  /// The arguments must outlive the builder; `lines` are those of the text that
  /// is parsed.
  tree_builder(std::span<const std::string_view> lines, const environment& env,
               mistakes& found)
      : lines_{lines}, env_{env}, found_{found} {}

  /// The document's root, once it was parsed.
  [[nodiscard]] node_ptr take_root();
  /// Where the last document began.
  [[nodiscard]] position document_start() const { return at(document_start_); }
  /// Whether it began with "---".
  [[nodiscard]] bool document_is_marked() const {
    return source_at(document_start_).starts_with("---");
  }
  /// Whether the last scalar's quote is never closed: yaml-cpp takes the end of
  /// the file for the closing one.
  [[nodiscard]] bool ends_inside_quotes() const;
  [[nodiscard]] position last_scalar() const { return at(last_scalar_); }
  /// yaml-cpp counts bytes from 0; people count characters from 1.
  [[nodiscard]] position at(const YAML::Mark& mark) const;

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

private:
  /// A list or map that has begun and not ended.
  struct open_node {
    std::shared_ptr<node> value;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool merges = false;
    std::string key;
    position key_where;
    /// Values of "<<".
    std::vector<node_ptr> merged;
  };
  struct anchored {
    node_ptr value;
    std::size_t values = 0;
    std::size_t depth = 0;
  };

  /// The rest of the line from `mark` on.
  [[nodiscard]] std::string_view source_at(const YAML::Mark& mark) const;
  void begin(node_kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor);
  void end();
  void add(node_ptr value, bool quoted = false);
  void take_key(open_node& map, const node& key, bool quoted);
  void count(std::size_t values, position where);
  void check_depth(std::size_t added, position where) const;
  void check_tag(const std::string& tag, position where);
  void merge(open_node& map);
  void report_duplicates(node& map);

  /// Characters of a line up to a byte of it.
  struct counted {
    std::size_t line = 0;
    std::size_t byte = 0;
    std::size_t characters = 0;
  };

  std::span<const std::string_view> lines_;
  const environment& env_;
  mistakes& found_;
  YAML::Mark document_start_;
  YAML::Mark last_scalar_;
  mutable counted counted_;
  node_ptr root_;
  std::vector<open_node> open_;
  std::unordered_map<YAML::anchor_t, anchored> anchors_;
  std::size_t values_ = 0;
};

} // namespace sluice::topology
