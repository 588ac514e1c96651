// The gold table that a user names.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// The gold called `name`; the error, in one line, names the nearest.
[[nodiscard]] tl::expected<topology::gold, std::string>
find_gold(const topology::topology& what, const std::string& name);

/// The windows that [from, to) touches, oldest first; without `to` (empty) the
/// one that contains `from`, or all of them when they overlap. Times without a
/// Z are in the gold's time zone. The error is one line: a time that cannot be
/// read, nothing between the two, more windows than one request may name.
[[nodiscard]] tl::expected<std::vector<gold::window>, std::string>
windows_of(const topology::gold& gold, const std::string& from,
           const std::string& to);

} // namespace sluice::cli
