// The SQL text of a block's INSERT. Pure. Its settings: client.hpp.
#pragma once

#include <string>
#include <string_view>

#include "clickhouse/client.hpp"

namespace sluice::clickhouse {

/// The INSERT whose data follow in Native format, as the request's body:
///   INSERT INTO db.table (columns) FORMAT Native
/// or, with a filter, a SELECT from input(structure).
[[nodiscard]] std::string insert_statement(const insert_request& request);

/// INSERT INTO db.table (columns) SELECT ... FROM `source`, filtered or hidden
/// as the request says. `source` is a table function that yields the block's
/// columns under their names.
[[nodiscard]] std::string insert_select(const insert_request& request,
                                        std::string_view source);

} // namespace sluice::clickhouse
