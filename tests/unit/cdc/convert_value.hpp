// What becomes of one value in one column.
#pragma once

#include <string>

#include "table_under_test.hpp"

namespace sluice::cdc_test {

/// The value that `json` becomes in the column `v`, as native_rows writes it,
/// or "!reason".
inline std::string convert(const topology::column& target,
                           const std::string& json) {
  table_under_test table({target});
  const auto result =
      table.decode(std::nullopt, R"({"op":"c","after":{"v":)" + json + "}}");
  if (result.what == cdc::verdict::upserted)
    return table.rows().front().front();
  return "!" + std::string(cdc::to_string(result.rejected));
}

inline std::string convert(const std::string& type, const std::string& json) {
  return convert(column("v", type), json);
}

} // namespace sluice::cdc_test
