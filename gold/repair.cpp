#include "gold/repair.hpp"

#include <charconv>
#include <cstdint>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/partition.hpp"
#include "gold/tab_separated.hpp"
#include "gold/window_rule.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

std::string find_unsound(const topology::gold& g, const std::string& database) {
  const auto from_database = topology::quote_identifier(database) + ".";
  const auto table = from_database + topology::quote_identifier(g.name);
  const auto ledger =
      from_database + topology::quote_identifier(ledger_table)
      + " FINAL\n  WHERE gold = " + topology::quote_literal(g.name);
  return "SELECT toUnixTimestamp(published.start)\nFROM (\n"
         "  SELECT _window AS start, uniqExact(_run) AS runs, any(_run) AS "
         "run\n"
         "  FROM "
         + table
         + "\n  GROUP BY start\n) AS published\nLEFT JOIN (\n"
           "  SELECT window_start AS start, max(run_id) AS run\n  FROM "
         + ledger
         + " AND state = 'done'\n  GROUP BY start\n) AS finished\n"
           "ON published.start = finished.start\n"
           "WHERE published.runs > 1\n"
           "   OR (finished.run != '' AND finished.run != published.run)\n"
           "UNION ALL\n"
           "SELECT toUnixTimestamp(newest.window_start)\nFROM (\n"
           "  SELECT window_start, argMax(`rows`, run_id) AS newest_rows,\n"
           "         max(run_id) AS newest_run,\n"
           "         argMax(started_at, run_id) AS begun,\n         "
         + partition_of(g, "window_start") + " AS place\n  FROM " + ledger
         + " AND state = 'done'\n  GROUP BY window_start\n) AS newest\n"
           "INNER JOIN (\n"
           "  SELECT "
         + partition_of(g, "window_start")
         + " AS place,\n"
           "         groupArray((run_id, state, started_at\n"
           "                     + toIntervalMillisecond(duration_ms))) AS "
           "runs\n  FROM "
         + ledger
         + "\n  GROUP BY place\n) AS beside ON beside.place = newest.place\n"
           "WHERE newest_rows > 0\n"
           "  AND arrayExists(run -> run.1 < newest_run\n"
           "                  AND (run.2 = 'running'\n"
           "                       OR (run.2 = 'failed'\n"
           "                           AND run.3 + toIntervalHour(1) > begun)\n"
           "                       OR (left(run.1, 17) != left(newest_run, "
           "17)\n"
           "                           AND run.3 > begun)), runs)\n"
           "  AND newest.window_start NOT IN (SELECT _window FROM "
         + table + ")\nORDER BY 1";
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
