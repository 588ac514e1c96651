// The one narrow interface to ClickHouse, wherever it runs: in another process
// over HTTP (clickhouse/http_client.hpp) or in this one (libchdb,
// clickhouse/embedded_client.hpp). The writer code is the same for both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/error.hpp"

namespace sluice::clickhouse {

using settings = std::vector<std::pair<std::string, std::string>>;

struct query_request {
  std::string sql;
  /// Output format, for example "TabSeparated" or "JSONCompact"; empty: the
  /// query's own FORMAT or none.
  std::string format;
  /// Values of {name:Type} placeholders, in ClickHouse's escaped text form.
  settings parameters;
  settings options;
  /// Id to find or kill the query by; empty: ClickHouse chooses.
  std::string query_id;
  /// Longest wait for the answer; zero: the client's default.
  std::chrono::milliseconds timeout{0};
};

/// One block into one table: exactly one INSERT, which becomes one block.
struct insert_request {
  std::string database;
  std::string table;
  /// Columns of the block, in order.
  std::span<const std::string> columns;
  /// `name Type, ...` of the block.
  std::string structure;
  /// The block in Native format. Must outlive the call.
  std::span<const std::span<const std::byte>> pieces;
  std::size_t rows = 0;
  /// Bound to this block for ever: a retry sends the same bytes under the same
  /// token, and nothing else is ever sent under it. Empty: no deduplication.
  std::string deduplication_token;
  /// SQL condition that chooses the rows that are inserted at all; empty: every
  /// row of the block.
  std::string chosen = {};
  /// SQL condition over the columns; empty: all rows. Rows that do not meet it
  /// (NULL does not) are left out, or, when `hide_column` is set, written with
  /// 1 there.
  std::string filter;
  std::string hide_column;
  settings options;
};

/// A connection: used by one thread at a time; calls block up to their timeout.
/// The database of a client is the default of unqualified names.
class client {
public:
  virtual ~client() = default;
  client() = default;
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Runs one statement and returns its whole result.
  [[nodiscard]] virtual tl::expected<std::string, error>
  query(const query_request& request) = 0;
  /// Inserts one block and returns when ClickHouse has acknowledged it (or
  /// dropped it as a duplicate under its token, which is success as well).
  [[nodiscard]] virtual tl::expected<void, error>
  insert(const insert_request& request) = 0;
};

/// Makes connections; thread-safe.
class endpoint {
public:
  virtual ~endpoint() = default;
  endpoint() = default;
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;
  /// A new connection; it connects at its first call.
  [[nodiscard]] virtual std::unique_ptr<client> connect() = 0;
  /// For messages: "http://ch:8123" or "embedded".
  [[nodiscard]] virtual std::string name() const = 0;
};

/// The settings of a block's INSERT: request.options, and over them what every
/// INSERT pins so that it is one block and its token counts
/// (docs/architecture.md, "One INSERT is one block"): async_insert=0,
/// insert_deduplicate=1, one thread, block sizes above any block,
/// max_partitions_per_insert_block=0,
/// deduplicate_blocks_in_dependent_materialized_views=1; and the token itself.
/// Each name occurs once. Known to every ClickHouse from 23.8 on.
[[nodiscard]] settings insert_settings(const insert_request& request);

} // namespace sluice::clickhouse
