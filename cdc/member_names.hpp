// Names of an object's members, found fast when objects repeat their order.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::cdc {

/// Maps member names to slots. It remembers which name stood at which place in
/// the last object, so that one comparison finds it again; the order of the
/// members never changes the answer, only its price.
class member_names {
public:
  static constexpr int unknown = -1;

  /// Gives `name` the slot `slot` (>= 0).
  void add(std::string name, int slot);

  /// The slot of the member that stands `ordinal`-th in its object, `name`
  /// with JSON escapes as they are; `unknown` if it was never added.
  [[nodiscard]] int find(std::size_t ordinal, std::string_view name) {
    if (ordinal < order_.size() && order_[ordinal].name == name)
      return order_[ordinal].slot;
    return find_and_learn(ordinal, name);
  }

private:
  struct string_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct place {
    std::string name;
    int slot = unknown;
  };
  [[nodiscard]] int find_and_learn(std::size_t ordinal, std::string_view name);

  std::unordered_map<std::string, int, string_hash, std::equal_to<>> slots_;
  std::vector<place> order_;
  std::string scratch_;
};

} // namespace sluice::cdc
