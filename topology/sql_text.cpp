#include "topology/sql_text.hpp"

#include <algorithm>
#include <array>

#include "topology/mistakes.hpp"
#include "topology/nearest.hpp"

namespace sluice::topology {

namespace {

using sv = std::string_view;

constexpr std::array<sv, 2> placeholders{"window_start", "window_end"};

/// What is longer between braces is no placeholder, misspelt or not.
constexpr std::size_t placeholder_bytes_max = 64;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string upper(sv text) {
  std::string out{text};
  for (auto& c : out) {
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// Offset after the quoted text that begins at `at`; npos when it has no end.
std::size_t end_of_quoted(sv sql, std::size_t at) {
  const char quote = sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == '\\')
      ++at;
    else if (sql[at] == quote)
      return at + 1;
  }
  return sv::npos;
}

/// Offset after the comment that begins at `at`; `at` when none does.
std::size_t end_of_comment(sv sql, std::size_t at) {
  const auto rest = sql.substr(at);
  if (rest.starts_with("--") || rest.starts_with("#!")
      || rest.starts_with("# "))
    return std::min(sql.find('\n', at), sql.size());
  if (!rest.starts_with("/*"))
    return at;
  const auto end = sql.find("*/", at + 2);
  return end == sv::npos ? sv::npos : end + 2;
}

/// Words that stand in expressions beside columns and functions.
bool is_keyword(sv word) {
  constexpr std::array<sv, 32> keywords{
      "INTERVAL", "NANOSECOND", "MICROSECOND", "MILLISECOND", "SECOND",
      "MINUTE",   "HOUR",       "DAY",         "WEEK",        "MONTH",
      "QUARTER",  "YEAR",       "AND",         "OR",          "NOT",
      "IN",       "IS",         "NULL",        "TRUE",        "FALSE",
      "LIKE",     "BETWEEN",    "CASE",        "WHEN",        "THEN",
      "ELSE",     "END",        "AS",          "DIV",         "MOD",
      "ILIKE",    "DATE"};
  return std::find(keywords.begin(), keywords.end(), upper(word))
         != keywords.end();
}

/// Complaints about "{window...}" that is none of the placeholders, and about
/// one of them that is missing (not both, where it is only misspelt).
void check_placeholders(sv sql, std::vector<std::string>& mistakes) {
  std::array<bool, placeholders.size()> seen{};
  for (auto at = sql.find('{'); at != sv::npos; at = sql.find('{', at + 1)) {
    const auto near = sql.substr(at + 1, placeholder_bytes_max);
    const auto close = near.find('}');
    if (close == sv::npos)
      continue;
    const auto inside = near.substr(0, close);
    const auto is_name = std::all_of(inside.begin(), inside.end(), is_word);
    const auto meant = is_name ? nearest(inside, placeholders) : std::nullopt;
    if (!meant)
      continue;
    seen.at(*meant == placeholders[0] ? 0 : 1) = true;
    if (inside != *meant)
      mistakes.push_back("has an unknown placeholder "
                         + shown("{" + std::string{inside} + "}")
                         + advice(inside, placeholders));
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen.at(i))
      mistakes.push_back(
          "must contain {" + std::string{placeholders.at(i)}
          + "}: without the window's bounds each run would read everything");
  }
}

} // namespace

std::optional<std::string> without_quoted(sv sql) {
  std::string out{sql};
  for (std::size_t at = 0; at < sql.size();) {
    const bool quoted = sql[at] == '\'' || sql[at] == '"' || sql[at] == '`';
    const auto end = quoted ? end_of_quoted(sql, at) : end_of_comment(sql, at);
    if (end == sv::npos)
      return std::nullopt;
    if (end == at) {
      ++at;
      continue;
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(at),
              out.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    at = end;
  }
  return out;
}

std::vector<std::string> column_names(sv sql) {
  const auto plain = without_quoted(sql);
  std::vector<std::string> names;
  // A lambda or an alias names what is no column.
  if (!plain || plain->find("->") != std::string::npos)
    return names;
  const sv text = *plain;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    auto end = at;
    while (end < text.size() && is_word(text[end]))
      ++end;
    auto next = end;
    while (next < text.size() && is_space(text[next]))
      ++next;
    const auto word = text.substr(at, end - at);
    const bool is_call = next < text.size() && text[next] == '(';
    const bool is_part = at > 0 && text[at - 1] == '.';
    if (!is_call && !is_part && !is_digit(word.front()) && !is_keyword(word))
      names.emplace_back(word);
    at = end;
  }
  return names;
}

std::vector<std::string> query_mistakes(sv sql) {
  const auto plain = without_quoted(sql);
  if (!plain)
    return {"has a string, a quoted name or a comment that does not end"};
  std::vector<std::string> mistakes;
  sv text = *plain;
  const auto trim = [&](auto removable) {
    while (!text.empty() && removable(text.back()))
      text.remove_suffix(1);
    while (!text.empty() && (is_space(text.front()) || text.front() == '('))
      text.remove_prefix(1);
  };
  trim([](char c) { return is_space(c) || c == ';'; });
  const auto first = upper(text.substr(
      0,
      static_cast<std::size_t>(
          std::find_if_not(text.begin(), text.end(), is_word) - text.begin())));
  if (first != "SELECT" && first != "WITH")
    mistakes.emplace_back("must be one SELECT (or WITH ... SELECT)");
  if (text.find(';') != sv::npos)
    mistakes.emplace_back("must be one statement, but there is a ';' in it");
  check_placeholders(text, mistakes);
  return mistakes;
}

} // namespace sluice::topology
