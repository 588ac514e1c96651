#include "topology/sql_quoting.hpp"

namespace sluice::topology {

namespace {

// ClickHouse reads backslash escapes in both kinds of quotes, so a backslash
// must be escaped as well as the quote.
std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const auto c : text) {
    if (c == quote || c == '\\')
      result += '\\';
    if (c == '\0')
      result += "\\0";
    else
      result += c;
  }
  return result += quote;
}

} // namespace

std::string quote_identifier(std::string_view name) {
  return quoted(name, '`');
}

std::string quote_literal(std::string_view text) { return quoted(text, '\''); }

} // namespace sluice::topology
