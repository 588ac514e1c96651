// Base64 (RFC 4648, section 4): with padding, no line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::kafka {

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// std::nullopt for anything but whole, padded base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace sluice::kafka
