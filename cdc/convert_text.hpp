// Values into String and UUID columns.
#pragma once

#include <string>
#include <string_view>

#include "cdc/conversion.hpp"
#include "cdc/value.hpp"
#include "silver/block_builder.hpp"

namespace sluice::cdc {

/// The characters of a string, the text of a number or boolean as it was
/// written; a {"$date": number} as ISO-8601 in milliseconds, so that all
/// dialects give the same. Objects and arrays only with `raw`. The result may
/// lie in `scratch`, which is overwritten.
[[nodiscard]] conversion<std::string_view> to_text(const value& from,
                                                   std::string& scratch);

/// "550e8400-e29b-41d4-a716-446655440000" in either case, or the 16 bytes of an
/// Extended JSON binary of subtype 04.
[[nodiscard]] conversion<silver::uuid_value> to_uuid(const value& from,
                                                     std::string& scratch);

} // namespace sluice::cdc
