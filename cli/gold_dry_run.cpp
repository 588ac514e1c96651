#include "cli/gold_dry_run.hpp"

#include <charconv>
#include <map>

#include "gold/sql.hpp"
#include "gold/statements.hpp"
#include "gold/tab_separated.hpp"
#include "gold/window_rule.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::cli {

namespace {

std::string counted(std::size_t number, std::string_view what) {
  auto text = std::to_string(number) + ' ' + std::string{what};
  return number == 1 ? text : text + 's';
}

/// Times and how often each is there, a granule each.
std::string count_sql(const std::string& database, const topology::gold& gold,
                      const gold::window_rule& rule,
                      const gold::window& range) {
  const auto over = topology::quote_identifier(gold.window.over_column);
  const auto granule = std::to_string(rule.granule().count());
  return "SELECT intDiv(toUnixTimestamp64Milli(toDateTime64(" + over + ", 3, "
         + topology::quote_literal(gold.timezone) + ")), 1000 * " + granule
         + ") * " + granule + " AS moment, count()\nFROM "
         + topology::quote_identifier(database) + "."
         + topology::quote_identifier(gold.window.over_table) + "\nWHERE "
         + over + " >= " + gold::time_literal(range.start, gold.timezone)
         + " AND " + over + " < " + gold::time_literal(range.end, gold.timezone)
         + "\nGROUP BY moment\nSETTINGS final = 1";
}

template <class Number>
Number number_in(const std::string& text) {
  Number result{};
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

} // namespace

tl::expected<std::vector<std::uint64_t>, clickhouse::error>
count_rows(clickhouse::client& on, const std::string& database,
           const topology::gold& gold,
           const std::vector<gold::window>& windows) {
  const auto rule = gold::window_rule::make(gold);
  if (!rule)
    return tl::unexpected(
        clickhouse::error{clickhouse::remedy::stop, 0, false, rule.error()});
  clickhouse::query_request request;
  request.sql = count_sql(database, gold, *rule,
                          {windows.front().start, windows.back().end});
  request.format = "TabSeparated";
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::map<gold::window, std::uint64_t> rows;
  for (const auto& row : gold::parse_tab_separated(*answer)) {
    const std::chrono::sys_seconds moment{
        std::chrono::seconds{number_in<std::int64_t>(row.front())}};
    for (const auto& each : rule->containing(moment))
      rows[each] += number_in<std::uint64_t>(row.back());
  }
  std::vector<std::uint64_t> result;
  for (const auto& each : windows)
    result.push_back(rows[each]);
  return result;
}

tl::expected<std::string, std::string>
dry_run_text(const topology::topology& what, const topology::gold& gold,
             const std::vector<gold::window>& windows,
             const std::optional<std::vector<std::uint64_t>>& rows) {
  const auto sql = gold::render_sql(gold.sql, windows.front(), gold.timezone);
  if (!sql)
    return tl::unexpected("SQL of gold " + gold.name + ": " + sql.error());
  const auto staging = gold::statements::staging_name(gold, "RUN");
  auto result =
      "-- what goes into the staging table for " + to_string(windows.front())
      + '\n' + *sql + ";\n\n-- how it is published\n"
      + gold::statements::replace_partition(gold, what.clickhouse.database,
                                            staging, windows.front())
      + ";\n\n-- " + counted(windows.size(), "window");
  result += rows ? ", with rows of " + gold.window.over_table + "\n" : "\n";
  for (std::size_t i = 0; i < windows.size(); ++i)
    result += "--   " + to_string(windows[i])
              + (rows ? "  " + counted((*rows)[i], "row") : "") + '\n';
  return result;
}

} // namespace sluice::cli
