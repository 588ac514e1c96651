// ClickHouse over HTTP(S), in the way of its HTTP interface: the statement in
// the body of a POST (for an INSERT in the URL, the block in the body),
// settings and parameters in the URL, user and password in headers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "clickhouse/client.hpp"
#include "topology/topology.hpp"

namespace sluice::clickhouse {

/// A connection that is kept open between calls. One thread at a time.
///
/// - Answers are asked for whole (`wait_end_of_query=1`), so that a failure
///   comes as a status and never in the middle of a result.
/// - Nothing is sent twice behind the caller's back, with one exception: when a
///   kept-alive connection turns out to be closed before any byte of an answer,
///   a small block goes out again at once, under its token. Without a token,
///   and for a query, that is an error with an unknown outcome.
/// - `CREATE DATABASE` is sent without the client's database, which need not
///   exist yet.
/// - "query_id", "database" and the like are no settings and may not be set in
///   `options`.
[[nodiscard]] std::unique_ptr<client>
make_http_client(const topology::clickhouse& where);

/// `text` for a URL's query: everything but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// `url` without the user and password that someone may have put there.
[[nodiscard]] std::string without_credentials(std::string_view url);

} // namespace sluice::clickhouse
