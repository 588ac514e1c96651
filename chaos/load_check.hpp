// Whether the load fits the tables, before anything is started.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "topology/topology.hpp"

namespace sluice::chaos {

/// Decodes a few hundred made records for every table of a throwaway copy. The
/// error is one line: which table cannot take them, and why.
[[nodiscard]] tl::expected<void, std::string>
check_load(const topology::topology& what);

} // namespace sluice::chaos
