// The table that a command was given.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "topology/topology.hpp"

namespace sluice::cli {

/// The table of that name; lives in `what`. The error is one line and names the
/// nearest one.
[[nodiscard]] tl::expected<const topology::table*, std::string>
choose_table(const topology::topology& what, const std::string& name);

} // namespace sluice::cli
