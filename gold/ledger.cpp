#include "gold/ledger.hpp"

#include <charconv>

#include "gold/ddl.hpp"
#include "gold/tab_separated.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

// In the order in which parse_entry reads them.
constexpr std::string_view entry_columns =
    "gold, toUnixTimestamp(window_start), toUnixTimestamp(window_end), "
    "run_id,\n"
    "  attempt, `trigger`, state, toUnixTimestamp64Milli(started_at),\n"
    "  duration_ms, `rows`, ifNull(toUnixTimestamp64Milli(data_as_of), -1),\n"
    "  error, node";
constexpr std::size_t entry_fields = 13;

std::string qualified_ledger(const std::string& database) {
  return topology::quote_identifier(database) + "."
         + topology::quote_identifier(ledger_table);
}

std::string date_time(std::chrono::sys_seconds when) {
  return "toDateTime(" + std::to_string(when.time_since_epoch().count())
         + ", 'UTC')";
}

std::string date_time64(instant when) {
  return "fromUnixTimestamp64Milli(toInt64("
         + std::to_string(when.time_since_epoch().count()) + "), 'UTC')";
}

/// False when the text is no number of this type.
template <class Number>
bool parse_into(const std::string& text, Number& to) {
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, to);
  return failure == std::errc{} && rest == end;
}

std::optional<run_state> parse_state(std::string_view text) {
  for (auto state : {run_state::running, run_state::done, run_state::failed})
    if (to_string(state) == text)
      return state;
  return std::nullopt;
}

std::optional<ledger_entry>
parse_entry(const std::vector<std::string>& fields) {
  if (fields.size() != entry_fields)
    return std::nullopt;
  ledger_entry entry;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t started = 0;
  std::int64_t duration = 0;
  std::int64_t as_of = 0;
  const auto state = parse_state(fields[6]);
  if (!state || !parse_into(fields[1], start) || !parse_into(fields[2], end)
      || !parse_into(fields[4], entry.attempt)
      || !parse_into(fields[7], started) || !parse_into(fields[8], duration)
      || !parse_into(fields[9], entry.rows) || !parse_into(fields[10], as_of))
    return std::nullopt;
  entry.gold = fields[0];
  entry.what = {std::chrono::sys_seconds{std::chrono::seconds{start}},
                std::chrono::sys_seconds{std::chrono::seconds{end}}};
  entry.run_id = fields[3];
  entry.trigger = fields[5];
  entry.state = *state;
  entry.started_at = instant{std::chrono::milliseconds{started}};
  entry.duration = std::chrono::milliseconds{duration};
  if (as_of >= 0)
    entry.data_as_of = instant{std::chrono::milliseconds{as_of}};
  entry.error = fields[11];
  entry.node = fields[12];
  return entry;
}

tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_entries(clickhouse::client& from, const std::string& sql) {
  clickhouse::query_request request;
  request.sql = sql;
  request.format = "TabSeparated";
  const auto answer = from.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::vector<ledger_entry> entries;
  for (const auto& row : parse_tab_separated(*answer)) {
    auto entry = parse_entry(row);
    if (!entry)
      return tl::unexpected(clickhouse::error{
          clickhouse::remedy::stop, 0, false,
          "the ledger " + std::string(ledger_table)
              + " has a row that is none of Sluice's: rename the table"});
    entries.push_back(std::move(*entry));
  }
  return entries;
}

} // namespace

std::string_view to_string(run_state state) {
  switch (state) {
  case run_state::running:
    return "running";
  case run_state::done:
    return "done";
  case run_state::failed:
    return "failed";
  }
  return "unknown";
}

std::string create_ledger(const std::string& database) {
  return "CREATE TABLE IF NOT EXISTS " + qualified_ledger(database) + R"( (
  gold String,
  window_start DateTime('UTC'),
  window_end DateTime('UTC'),
  run_id String,
  attempt UInt16,
  `trigger` LowCardinality(String),
  state LowCardinality(String),
  started_at DateTime64(3, 'UTC'),
  duration_ms UInt64,
  `rows` UInt64,
  data_as_of Nullable(DateTime64(3, 'UTC')),
  error String,
  node LowCardinality(String),
  _version UInt8 MATERIALIZED if(state = 'running', 0, 1)
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY (gold, window_start, started_at, run_id))";
}

std::string insert_entry(const std::string& database,
                         const ledger_entry& entry) {
  return "INSERT INTO " + qualified_ledger(database)
         + " (gold, window_start, window_end, run_id, attempt, `trigger`, "
           "state,\n  started_at, duration_ms, `rows`, data_as_of, error, "
           "node)\nSELECT "
         + topology::quote_literal(entry.gold) + ", "
         + date_time(entry.what.start) + ", " + date_time(entry.what.end) + ", "
         + topology::quote_literal(entry.run_id) + ", "
         + std::to_string(entry.attempt) + ", "
         + topology::quote_literal(entry.trigger) + ", "
         + topology::quote_literal(to_string(entry.state)) + ",\n  "
         + date_time64(entry.started_at) + ", "
         + std::to_string(entry.duration.count()) + ", "
         + std::to_string(entry.rows) + ", "
         + (entry.data_as_of ? date_time64(*entry.data_as_of) : "NULL") + ", "
         + topology::quote_literal(entry.error) + ", "
         + topology::quote_literal(entry.node);
}

std::string select_newest_runs(const std::string& database) {
  return "SELECT " + std::string(entry_columns) + "\nFROM "
         + qualified_ledger(database)
         + " FINAL\nORDER BY gold, window_start, run_id DESC\n"
           "LIMIT 1 BY gold, window_start, window_end";
}

std::string select_runs(const std::string& database, const std::string& gold,
                        std::size_t limit) {
  return "SELECT " + std::string(entry_columns) + "\nFROM "
         + qualified_ledger(database) + " FINAL\n"
         + (gold.empty()
                ? ""
                : "WHERE gold = " + topology::quote_literal(gold) + "\n")
         + "ORDER BY started_at DESC, run_id DESC\nLIMIT "
         + std::to_string(limit);
}

tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_newest_runs(clickhouse::client& from, const std::string& database) {
  return read_entries(from, select_newest_runs(database));
}

tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_ledger(clickhouse::client& from, const std::string& database,
            const std::string& gold, std::size_t limit) {
  return read_entries(from, select_runs(database, gold, limit));
}

std::string select_runs_since(const std::string& database,
                              const std::string& gold, const window& range,
                              instant since) {
  const auto moment = date_time64(since);
  return "SELECT " + std::string(entry_columns) + "\nFROM "
         + qualified_ledger(database) + " FINAL\nWHERE gold = "
         + topology::quote_literal(gold) + " AND window_start >= "
         + date_time(range.start) + " AND window_end <= " + date_time(range.end)
         + "\n  AND ifNull(data_as_of, started_at) >= " + moment
         + "\nORDER BY window_start, run_id DESC\n"
           "LIMIT 1 BY window_start, window_end";
}

tl::expected<std::vector<ledger_entry>, clickhouse::error>
read_runs_since(clickhouse::client& from, const std::string& database,
                const std::string& gold, const window& range, instant since) {
  return read_entries(from, select_runs_since(database, gold, range, since));
}

} // namespace sluice::gold
