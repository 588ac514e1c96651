// Which golds of a user's topology a chaos run can judge, and how they run in
// the copy. Pure.
#pragma once

#include <string>
#include <vector>

#include "topology/topology.hpp"

namespace sluice::chaos {

/// Changes the golds of `what` so that at rest each must equal its SQL over all
/// of silver: windows run soon after a change, whatever the user's schedule,
/// and every change of a joined row counts. Golds of which that cannot be
/// demanded are taken out: the SQL reads a table that it is not declared to
/// follow, or the load cannot make event times for them. `notes` gets a line
/// for each that is changed in what it promises, or taken out.
void make_comparable(topology::topology& what, std::vector<std::string>& notes);

} // namespace sluice::chaos
