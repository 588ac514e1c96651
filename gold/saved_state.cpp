#include "gold/saved_state.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include "gold/tab_separated.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

std::string qualified(const std::string& database) {
  return topology::quote_identifier(database) + "."
         + topology::quote_identifier(state_table);
}

bool parse_into(const std::string& text, std::int64_t& to) {
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, to);
  return failure == std::errc{} && rest == end;
}

} // namespace

std::string create_state(const std::string& database) {
  return "CREATE TABLE IF NOT EXISTS " + qualified(database) + R"( (
  pipeline String,
  term Int64,
  position Int64,
  saved_at DateTime('UTC') DEFAULT now(),
  state String CODEC(ZSTD),
  _version UInt64 MATERIALIZED toUInt64(term)
)
ENGINE = ReplacingMergeTree(_version)
ORDER BY pipeline)";
}

std::optional<clickhouse::error> save_state(clickhouse::client& on,
                                            const std::string& database,
                                            const std::string& pipeline,
                                            const saved_state& state) {
  clickhouse::query_request request;
  request.sql = "INSERT INTO " + qualified(database)
                + " (pipeline, term, position, state)\nSELECT "
                + topology::quote_literal(pipeline) + ", "
                + std::to_string(state.term) + ", "
                + std::to_string(state.position) + ", "
                + topology::quote_literal(state.text);
  // Ten thousand dirty windows are more than a query may be by default.
  request.options = {{"max_query_size", "268435456"}};
  const auto done = on.query(request);
  if (!done)
    return done.error();
  return std::nullopt;
}

tl::expected<saved_state, clickhouse::error>
read_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline) {
  clickhouse::query_request request;
  request.sql = "SELECT term, position, state FROM " + qualified(database)
                + "\nWHERE pipeline = " + topology::quote_literal(pipeline)
                + "\nORDER BY term DESC, position DESC\nLIMIT 1";
  request.format = "TabSeparated";
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  auto rows = parse_tab_separated(*answer);
  if (rows.empty())
    return saved_state{};
  auto& row = rows.front();
  saved_state result;
  if (row.size() != 3 || !parse_into(row[0], result.term)
      || !parse_into(row[1], result.position))
    return tl::unexpected(clickhouse::error{
        clickhouse::remedy::stop, 0, false,
        "the table " + std::string{state_table}
            + " has a row that is none of Sluice's: drop the table"});
  result.text = std::move(row[2]);
  return result;
}

} // namespace sluice::gold
