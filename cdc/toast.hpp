// PostgreSQL's large values that an update did not touch: Debezium does not
// know them and writes a placeholder instead.
#pragma once

#include "cdc/value.hpp"

namespace sluice::cdc {

/// Whether a column's whole value is Debezium's default placeholder
/// (`unavailable.value.placeholder`) in one of its forms: the text, its base64
/// (bytea), an array with it as the one element, its bytes as numbers (int[]),
/// its name-based UUID (uuid[]), a map of it to itself (hstore).
[[nodiscard]] bool is_unchanged_toast(const value& column);

} // namespace sluice::cdc
