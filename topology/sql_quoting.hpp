// Names and texts of a topology as ClickHouse's SQL writes them.
#pragma once

#include <string>
#include <string_view>

namespace sluice::topology {

/// `name` in back-ticks, whatever it contains.
[[nodiscard]] std::string quote_identifier(std::string_view name);

/// `text` as a SQL string literal, whatever it contains.
[[nodiscard]] std::string quote_literal(std::string_view text);

} // namespace sluice::topology
