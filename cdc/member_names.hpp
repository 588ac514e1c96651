// Names of an object's members, found fast when objects repeat their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
    if (ordinal < order_.size() && is_same(order_[ordinal].name, name))
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
  // Most names have 2 to 16 characters: too few to be worth a call of memcmp.
  static bool is_same(std::string_view a, std::string_view b) {
    const auto size = a.size();
    if (size != b.size())
      return false;
    if (size >= 8 && size <= 16)
      return load<std::uint64_t>(a, 0) == load<std::uint64_t>(b, 0)
             && load<std::uint64_t>(a, size - 8)
                    == load<std::uint64_t>(b, size - 8);
    if (size >= 4 && size < 8)
      return load<std::uint32_t>(a, 0) == load<std::uint32_t>(b, 0)
             && load<std::uint32_t>(a, size - 4)
                    == load<std::uint32_t>(b, size - 4);
    return a == b;
  }
  template <class T>
  static T load(std::string_view text, std::size_t at) {
    T bits{};
    std::memcpy(&bits, text.data() + at, sizeof bits);
    return bits;
  }
  [[nodiscard]] int find_and_learn(std::size_t ordinal, std::string_view name);

  std::unordered_map<std::string, int, string_hash, std::equal_to<>> slots_;
  std::vector<place> order_;
  std::string scratch_;
};

} // namespace sluice::cdc
