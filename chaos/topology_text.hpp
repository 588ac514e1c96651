// A topology as the text of a topology file: how the nodes under test are told
// what to run.
#pragma once

#include <string>

#include "topology/topology.hpp"

namespace sluice::chaos {

/// What topology::read_text() reads as the same topology, but for tables'
/// starts, which are all `earliest`, and those of golds, which are left out. It
/// is JSON, which is YAML too. Secrets are in it as they are.
[[nodiscard]] std::string topology_text(const topology::topology& what);

} // namespace sluice::chaos
