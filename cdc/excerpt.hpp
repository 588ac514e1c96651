// What was found, in few words, for messages to people.
#pragma once

#include <string>
#include <string_view>

#include "cdc/value.hpp"

namespace sluice::cdc {

/// `text` cut to 80 characters, everything but printable ASCII as \xNN.
[[nodiscard]] std::string excerpt(std::string_view text);

/// "number 5", "null", "no such member", `string "abc"`.
[[nodiscard]] std::string describe(const value& found);

} // namespace sluice::cdc
