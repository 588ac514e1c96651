// Standard base64 (RFC 4648, section 4), as Kafka Connect writes bytes.
#pragma once

#include <string>
#include <string_view>

namespace sluice::cdc {

/// Decodes `text` into `bytes` (overwritten); false if it is not padded to a
/// multiple of four, has a character outside the alphabet (the URL-safe ones
/// included), or has bits behind the last byte.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& bytes);

} // namespace sluice::cdc
