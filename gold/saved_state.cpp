#include "gold/saved_state.hpp"

#include "gold/tab_separated.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

std::string qualified(const std::string& database) {
  return topology::quote_identifier(database) + "."
         + topology::quote_identifier(state_table);
}

} // namespace

std::string create_state(const std::string& database) {
  return "CREATE TABLE IF NOT EXISTS " + qualified(database) + R"( (
  pipeline String,
  position Int64,
  saved_at DateTime('UTC') DEFAULT now(),
  state String CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(position)
ORDER BY pipeline)";
}

std::optional<clickhouse::error> save_state(clickhouse::client& on,
                                            const std::string& database,
                                            const std::string& pipeline,
                                            std::int64_t position,
                                            const std::string& text) {
  clickhouse::query_request request;
  request.sql = "INSERT INTO " + qualified(database)
                + " (pipeline, position, state)\nSELECT "
                + topology::quote_literal(pipeline) + ", "
                + std::to_string(position) + ", "
                + topology::quote_literal(text);
  // Ten thousand dirty windows are more than a query may be by default.
  request.options = {{"max_query_size", "268435456"}};
  const auto done = on.query(request);
  if (!done)
    return done.error();
  return std::nullopt;
}

tl::expected<std::string, clickhouse::error>
read_state(clickhouse::client& on, const std::string& database,
           const std::string& pipeline) {
  clickhouse::query_request request;
  request.sql = "SELECT state FROM " + qualified(database)
                + "\nWHERE pipeline = " + topology::quote_literal(pipeline)
                + "\nORDER BY position DESC\nLIMIT 1";
  request.format = "TabSeparated";
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  auto rows = parse_tab_separated(*answer);
  return rows.empty() ? std::string{} : std::move(rows.front().front());
}

} // namespace sluice::gold
