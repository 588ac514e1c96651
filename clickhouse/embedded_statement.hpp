// The SQL text that only the embedded ClickHouse needs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "clickhouse/client.hpp"

namespace sluice::clickhouse {

/// `a = '1', b = 'x'`, as SET and SETTINGS take it: ClickHouse turns the text
/// into the setting's type, as it does with URL parameters. Names that are not
/// made of letters, digits, `_` and `.` are quoted, so that ClickHouse refuses
/// them by name.
[[nodiscard]] std::string settings_list(const settings& options);

/// file('path', 'Native', 'structure'): the table function that yields the rows
/// of a block that lies in a file.
[[nodiscard]] std::string file_source(std::string_view path,
                                      std::string_view structure);

} // namespace sluice::clickhouse
