// Things of the file by their names.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace sluice::topology {

/// The names of `all`, in their order, for advice(); they point into `all`.
template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& all) {
  std::vector<std::string_view> names;
  names.reserve(all.size());
  for (const auto& one : all)
    names.emplace_back(one.name);
  return names;
}

/// The first of `all` that is called `name`; nullptr when there is none.
template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

} // namespace sluice::topology
