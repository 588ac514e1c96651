// The characters of JSON strings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::cdc {

/// Whether the characters between a string's quotes contain an escape.
[[nodiscard]] bool has_escapes(std::string_view characters);

/// Replaces escapes (RFC 8259, section 7) in the characters between a string's
/// quotes; the result lies in `scratch`, which is overwritten. std::nullopt:
/// an unknown escape or half of a surrogate pair, which no UTF-8 can stand for.
[[nodiscard]] std::optional<std::string_view>
decode_string(std::string_view characters, std::string& scratch);

/// Appends `text` as a JSON string with its quotes, escaping only what must be.
void append_json_string(std::string_view text, std::string& to);

} // namespace sluice::cdc
