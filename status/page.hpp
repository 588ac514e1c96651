// The status page as HTML text. Pure.
#pragma once

#include <string>
#include <string_view>

#include "status/report.hpp"

namespace sluice::status {

/// `text` with & < > " ' as character references.
[[nodiscard]] std::string escape_html(std::string_view text);

/// One self-contained page: node, health, tables, partitions with lag, gold
/// windows, restarts. Reloads itself every five seconds.
[[nodiscard]] std::string status_page(const report& of);

} // namespace sluice::status
