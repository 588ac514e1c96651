// UTF-8 (RFC 3629), as far as positions and messages need it.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::topology {

/// Bytes of the well-formed character at the start of `text`; 0 when there is
/// none (overlong forms, surrogates and what lies above U+10FFFF are not).
[[nodiscard]] std::size_t character_bytes(std::string_view text);

/// Offset of the first byte of `text` that a topology file may not contain:
/// one that is not UTF-8, or a control character other than tab and line ends;
/// npos when there is none.
[[nodiscard]] std::size_t first_not_text(std::string_view text);

/// Characters in `text`; a byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_characters(std::string_view text);

} // namespace sluice::topology
