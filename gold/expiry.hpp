// Whether a TTL of silver may have taken rows of a window: then a run would
// publish less than there was. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// The expressions of a table's TTL (as ClickHouse's CREATE TABLE takes it)
/// after which rows are deleted; rules that move, compress or group rows are
/// none, and of `DELETE WHERE` the condition is left out.
[[nodiscard]] std::vector<std::string> deletion_times(std::string_view ttl);

/// The question whether rows of the window's beginning may be gone: 1 or 0.
/// std::nullopt: the `over` table has no TTL that deletes. It fails where the
/// TTL is made of other columns than the event time.
[[nodiscard]] std::optional<std::string>
expiry_question(const topology::gold& g, const window& what);

} // namespace sluice::gold
