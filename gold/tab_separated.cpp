#include "gold/tab_separated.hpp"

#include <algorithm>

namespace sluice::gold {

namespace {

char unescaped(char c) {
  switch (c) {
  case 't':
    return '\t';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case '0':
    return '\0';
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  default:
    return c;
  }
}

std::string unescape(std::string_view field) {
  std::string result;
  result.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 1 < field.size())
      result += unescaped(field[++i]);
    else
      result += field[i];
  }
  return result;
}

} // namespace

std::vector<std::vector<std::string>>
parse_tab_separated(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto& row = rows.emplace_back();
    for (bool more = true; more;) {
      const auto tab = line.find('\t');
      more = tab != std::string_view::npos;
      row.push_back(unescape(line.substr(0, tab)));
      line.remove_prefix(more ? tab + 1 : line.size());
    }
  }
  return rows;
}

} // namespace sluice::gold
