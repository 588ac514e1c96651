#include "gold/repair.hpp"

#include <charconv>
#include <cstdint>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/tab_separated.hpp"
#include "gold/window_rule.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

std::string find_unsound(const topology::gold& g, const std::string& database) {
  const auto from_database = topology::quote_identifier(database) + ".";
  return "SELECT toUnixTimestamp(published.start)\nFROM (\n"
         "  SELECT _window AS start, uniqExact(_run) AS runs, any(_run) AS "
         "run\n"
         "  FROM "
         + from_database + topology::quote_identifier(g.name)
         + "\n  GROUP BY start\n) AS published\nLEFT JOIN (\n"
           "  SELECT window_start AS start,\n"
           "         argMax(run_id, (started_at, run_id)) AS run\n  FROM "
         + from_database + topology::quote_identifier(ledger_table)
         + " FINAL\n  WHERE gold = " + topology::quote_literal(g.name)
         + " AND state = 'done'\n  GROUP BY start\n) AS finished\n"
           "ON published.start = finished.start\n"
           "WHERE published.runs > 1\n"
           "   OR (finished.run != '' AND finished.run != published.run)\n"
           "ORDER BY published.start";
}

tl::expected<std::vector<window>, clickhouse::error>
find_unsound_windows(clickhouse::client& on, const std::string& database,
                     const topology::gold& g) {
  const auto rule = window_rule::make(g);
  if (!rule)
    return tl::unexpected(
        clickhouse::error{clickhouse::remedy::stop, 0, false,
                          "gold " + g.name + ": " + rule.error()});
  clickhouse::query_request request;
  request.sql = find_unsound(g, database);
  request.format = "TabSeparated";
  request.options = {{"join_use_nulls", "0"}};
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::vector<window> result;
  for (const auto& row : parse_tab_separated(*answer)) {
    const auto& text = row.front();
    std::int64_t start = 0;
    const auto* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, start).ptr != end)
      continue;
    result.push_back(rule->newest_containing(
        std::chrono::sys_seconds{std::chrono::seconds{start}}));
  }
  return result;
}

} // namespace sluice::gold
