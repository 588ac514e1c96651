// Which ClickHouse partition of a gold table holds which windows: one each, or
// those of a month. A run replaces its window's partition whole.
#pragma once

#include <string>
#include <string_view>

#include "gold/time_zone.hpp"
#include "gold/window.hpp"
#include "topology/topology.hpp"

namespace sluice::gold {

/// SQL of the partition that a window's start (an expression of type
/// DateTime('UTC')) belongs to: itself, or its month in the gold's zone.
[[nodiscard]] std::string partition_of(const topology::gold& g,
                                       std::string_view window_start);

/// ClickHouse's id of the window's partition: its start in seconds since 1970,
/// or its month, "202602".
/// `zone` is the gold's.
[[nodiscard]] std::string partition_id(const topology::gold& g,
                                       const time_zone& zone,
                                       const window& what);

} // namespace sluice::gold
