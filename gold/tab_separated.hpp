// ClickHouse's TabSeparated format, read: lines of fields with escapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::gold {

/// The rows of a TabSeparated result, unescaped (\t \n \r \\ \' \0 \b \f).
[[nodiscard]] std::vector<std::vector<std::string>>
parse_tab_separated(std::string_view text);

} // namespace sluice::gold
