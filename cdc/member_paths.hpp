// Finds the members of an object that columns read, in one pass over it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cdc/json_document.hpp"
#include "cdc/member_names.hpp"
#include "cdc/value.hpp"

namespace sluice::cdc {

/// A tree of member names, and after locate() where each was found. Used by one
/// thread at a time.
class member_paths {
public:
  member_paths();

  /// Adds a path (at least one name) and returns its place for found().
  std::size_t add(std::span<const std::string> path);

  /// Walks over the object at `object`, which need not be one: then nothing is
  /// found. False: a member that is looked for occurs twice.
  [[nodiscard]] bool locate(const json_document& document,
                            json_document::node object);

  /// Forgets what was found.
  void clear();

  /// The value at the end of a path; `absent` if there is no such member,
  /// `blocked` if a member on the way is neither an object nor null.
  [[nodiscard]] value found(std::size_t place) const {
    const auto at = places_[place].at;
    return at == nowhere ? missing(place) : value_at(*document_, at);
  }

private:
  /// The root is no member's value.
  static constexpr json_document::node nowhere = json_document::root();
  static constexpr std::size_t no_parent = static_cast<std::size_t>(-1);

  struct level {
    member_names names;
  };
  struct spot {
    json_document::node at = nowhere;
    std::size_t parent = no_parent;
    std::string name;
    /// Of what is inside this member, if any path leads there.
    std::unique_ptr<level> inside;
  };

  [[nodiscard]] bool walk(level& names, json_document::node object);
  [[nodiscard]] value missing(std::size_t place) const;

  level top_;
  std::vector<spot> places_;
  const json_document* document_ = nullptr;
};

} // namespace sluice::cdc
