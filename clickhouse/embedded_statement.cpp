#include "clickhouse/embedded_statement.hpp"

#include <algorithm>

namespace sluice::clickhouse {

namespace {

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\')
      result += '\\';
    result += c;
  }
  result += quote;
  return result;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

} // namespace

std::string quoted_text(std::string_view text) { return quoted(text, '\''); }

std::string quoted_name(std::string_view name) { return quoted(name, '`'); }

std::string settings_list(const settings& options) {
  std::string result;
  for (const auto& [name, value] : options) {
    if (!result.empty())
      result += ", ";
    const bool plain =
        !name.empty() && std::all_of(name.begin(), name.end(), is_plain);
    result += plain ? name : quoted_name(name);
    result += " = " + quoted_text(value);
  }
  return result;
}

std::string file_source(std::string_view path, std::string_view structure) {
  return "file(" + quoted_text(path) + ", 'Native', " + quoted_text(structure)
         + ")";
}

} // namespace sluice::clickhouse
