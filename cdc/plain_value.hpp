// The short way of a value into its column, for what nearly all values are.
#pragma once

#include "cdc/column_plan.hpp"
#include "cdc/value.hpp"
#include "silver/block_builder.hpp"

namespace sluice::cdc {

/// Appends `from` if nothing about it is special: an integer, a string, a
/// number of ticks or a decimal that fits its column exactly. False: nothing
/// was appended; column_writer knows what to do.
[[nodiscard]] bool append_plain(const column_plan& plan, const value& from,
                                silver::column_buffer& column);

} // namespace sluice::cdc
