#include "clickhouse/embedded_statement.hpp"

#include <algorithm>

#include "topology/sql_quoting.hpp"

namespace sluice::clickhouse {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

} // namespace

std::string settings_list(const settings& options) {
  std::string result;
  for (const auto& [name, value] : options) {
    if (!result.empty())
      result += ", ";
    const bool plain =
        !name.empty() && std::all_of(name.begin(), name.end(), is_plain);
    result += plain ? name : topology::quote_identifier(name);
    result += " = " + topology::quote_literal(value);
  }
  return result;
}

std::string file_source(std::string_view path, std::string_view structure) {
  return "file(" + topology::quote_literal(path) + ", 'Native', "
         + topology::quote_literal(structure) + ")";
}

} // namespace sluice::clickhouse
