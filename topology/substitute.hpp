// ${NAME} and ${NAME:-default} in the scalars of a topology file.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "topology/read.hpp"

namespace sluice::topology {

/// `text` with every ${NAME} replaced by the variable's value and every
/// ${NAME:-default} by the value, or by the default where the variable is unset
/// or empty (as in a POSIX shell). A default may hold further ${...}, up to 8
/// deep. "$${" stands for "${". Values are taken as they are, never expanded
/// again. The error says in one line which variable is missing or which ${...}
/// cannot be read; the result is at most 1 MiB.
[[nodiscard]] tl::expected<std::string, std::string>
substitute(std::string_view text, const environment& env);

} // namespace sluice::topology
