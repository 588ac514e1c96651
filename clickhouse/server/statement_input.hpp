// A request's statement and, apart from it, the data of an INSERT.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "clickhouse/embedded_memory_file.hpp"
#include "clickhouse/server/http_exchange.hpp"
#include "clickhouse/server/query_options.hpp"
#include "clickhouse/server/statement_shape.hpp"

namespace sluice::clickhouse::server {

/// The longest text of a statement without its data, in bytes.
inline constexpr std::size_t statement_size_max = std::size_t{16} * 1024 * 1024;

struct statement_input {
  /// What the engine is to run; reads `data` if the statement has data.
  std::string sql;
  statement_shape shape;
  memory_file data;
};

/// Reads the body to its end. Data go piece by piece, decompressed, into a file
/// in memory: they are held once, whatever their size. The error is an
/// exception's text.
[[nodiscard]] tl::expected<statement_input, std::string>
receive(const query_options& options, http_body& body);

/// A whole body as text, not decoded; for forms. The error as above.
[[nodiscard]] tl::expected<std::string, std::string>
receive_text(http_body& body);

} // namespace sluice::clickhouse::server
