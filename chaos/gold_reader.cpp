#include "chaos/gold_reader.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "chaos/silver_reader.hpp"
#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/repair.hpp"
#include "gold/sql.hpp"
#include "gold/statements.hpp"
#include "gold/tab_separated.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::chaos {

namespace {

using topology::quote_identifier;
using topology::quote_literal;
template <class T>
using or_line = tl::expected<T, std::string>;

constexpr std::chrono::seconds limit{60};

std::string column_list(const std::vector<gold::table_column>& columns) {
  std::string result;
  for (const auto& each : columns)
    result += (result.empty() ? "" : ", ") + quote_identifier(each.name);
  return result;
}

/// The first column of an answer, as moments.
std::vector<std::chrono::sys_seconds> moments_of(const std::string& answer) {
  std::vector<std::chrono::sys_seconds> result;
  for (const auto& row : gold::parse_tab_separated(answer))
    result.emplace_back(std::chrono::seconds{std::stoll(row.front())});
  return result;
}

} // namespace

gold_reader::gold_reader(std::uint16_t port, std::string database)
    : database_{std::move(database)}, client_{connect_to(port, database_)} {}

or_line<std::size_t> gold_reader::unsound(const topology::gold& of) const {
  const auto found = gold::find_unsound_windows(*client_, database_, of);
  if (!found)
    return tl::unexpected(found.error().message);
  return found->size();
}

or_line<std::string> gold_reader::query(const topology::gold& of,
                                        std::string sql) const {
  clickhouse::query_request request;
  request.sql = std::move(sql);
  request.format = "TabSeparated";
  request.options = gold::statements::select_settings(of.timezone, limit);
  auto answer = client_->query(request);
  if (!answer)
    return tl::unexpected(answer.error().message);
  return std::move(*answer);
}

or_line<std::set<gold::window>>
gold_reader::windows_of(const topology::gold& of) const {
  const auto rule = gold::window_rule::make(of);
  if (!rule)
    return tl::unexpected(rule.error());
  std::set<gold::window> result;
  const auto times =
      query(of, "SELECT DISTINCT toUnixTimestamp(toDateTime("
                    + quote_identifier(of.window.over_column) + ", "
                    + quote_literal(of.timezone) + "))\nFROM "
                    + quote_identifier(of.window.over_table)
                    + "\nSETTINGS final = 0");
  if (!times)
    return tl::unexpected(times.error());
  for (const auto when : moments_of(*times))
    result.merge([&] {
      const auto windows = rule->containing(when);
      return std::set<gold::window>(windows.begin(), windows.end());
    }());
  const auto starts = query(of, "SELECT DISTINCT toUnixTimestamp("
                                    + quote_identifier(gold::window_column)
                                    + ")\nFROM " + quote_identifier(of.name));
  if (!starts)
    return tl::unexpected(starts.error());
  for (const auto start : moments_of(*starts)) {
    const auto what = rule->newest_containing(start);
    if (what.start != start)
      return tl::unexpected("rows of a window that begins at "
                            + gold::format_instant(start)
                            + ", where none begins");
    result.insert(what);
  }
  return result;
}

/// As the gold table would have it: its columns, in its types.
or_line<std::string> gold_reader::yield(const topology::gold& of,
                                        const gold::window& what) const {
  const auto sql = gold::render_sql(of.sql, what, of.timezone);
  if (!sql)
    return tl::unexpected(sql.error());
  const auto described = query(of, gold::statements::describe(*sql));
  if (!described)
    return tl::unexpected(described.error());
  std::vector<std::string> names;
  for (const auto& row : gold::parse_tab_separated(*described))
    names.push_back(row.front());
  const auto sources = gold::match_result_columns(of, names);
  if (!sources)
    return tl::unexpected(sources.error());
  std::string values;
  const auto columns = gold::result_columns(of);
  for (std::size_t i = 0; i < columns.size(); ++i)
    values += (i == 0 ? "CAST(" : ", CAST(") + quote_identifier((*sources)[i])
              + ", " + quote_literal(columns[i].type) + ")";
  return query(of,
               "SELECT " + values + "\nFROM (\n" + *sql + "\n)\nORDER BY ALL");
}

or_line<gold_difference> gold_reader::compare(const topology::gold& of) const {
  gold_difference result;
  result.gold = of.name;
  const auto windows = windows_of(of);
  if (!windows)
    return tl::unexpected(windows.error());
  for (const auto& what : *windows) {
    const auto yielded = yield(of, what);
    if (!yielded)
      return tl::unexpected(yielded.error());
    const auto shown =
        query(of, "SELECT " + column_list(gold::result_columns(of)) + "\nFROM "
                      + quote_identifier(of.name) + "\nWHERE "
                      + quote_identifier(gold::window_column) + " = toDateTime("
                      + std::to_string(what.start.time_since_epoch().count())
                      + ", 'UTC')\nORDER BY ALL");
    if (!shown)
      return tl::unexpected(shown.error());
    compare_window(what, *shown, *yielded, result);
  }
  return result;
}

or_line<std::map<std::string, std::uint64_t>> gold_reader::runs() const {
  clickhouse::query_request request;
  request.sql = "SELECT state, count()\nFROM "
                + quote_identifier(gold::ledger_table)
                + " FINAL\nGROUP BY state";
  request.format = "TabSeparated";
  const auto answer = client_->query(request);
  if (!answer)
    return tl::unexpected(answer.error().message);
  std::map<std::string, std::uint64_t> result;
  for (const auto& row : gold::parse_tab_separated(*answer))
    result[row.front()] = std::stoull(row.back());
  return result;
}

} // namespace sluice::chaos
