#include "chaos/silver_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "clickhouse/http_client.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::chaos {

using namespace std::chrono_literals;

std::unique_ptr<clickhouse::client> connect_to(std::uint16_t port,
                                               const std::string& database) {
  topology::clickhouse where;
  where.url = "http://127.0.0.1:" + std::to_string(port);
  where.database = database;
  where.connect_timeout = 2s;
  where.request_timeout = 60s;
  return clickhouse::make_http_client(where);
}

silver_reader::silver_reader(std::uint16_t port, const std::string& database)
    : client_{connect_to(port, database)} {}

tl::expected<std::string, std::string>
silver_reader::query(const std::string& sql) const {
  auto answer = client_->query({.sql = sql,
                                .format = "TabSeparated",
                                .parameters = {},
                                .options = {},
                                .query_id = {}});
  if (!answer)
    return tl::unexpected(answer.error().message);
  return std::move(*answer);
}

tl::expected<std::vector<row_id>, std::string>
silver_reader::rows(const topology::table& of) const {
  const auto is_latest = of.mode == topology::table_mode::latest;
  const auto text = query("SELECT _partition, _offset FROM "
                          + topology::quote_identifier(of.name)
                          + (is_latest ? " FINAL" : ""));
  if (!text)
    return tl::unexpected(text.error());
  auto result = parse_rows(*text);
  if (result)
    std::ranges::sort(*result);
  return result;
}

tl::expected<std::uint64_t, std::string>
silver_reader::stored_twice(const std::string& table) const {
  const auto text =
      query("SELECT count() - uniqExact(_partition, _offset) FROM "
            + topology::quote_identifier(table));
  if (!text)
    return tl::unexpected(text.error());
  std::uint64_t result = 0;
  std::from_chars(text->data(), text->data() + text->size(), result);
  return result;
}

tl::expected<std::vector<row_id>, std::string>
parse_rows(const std::string& text) {
  std::vector<row_id> result;
  const auto* at = text.data();
  const auto* end = at + text.size();
  while (at != end) {
    row_id row;
    const auto first = std::from_chars(at, end, row.partition);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '\t')
      return tl::unexpected(
          std::string{"ClickHouse's answer is no list of rows"});
    const auto second = std::from_chars(first.ptr + 1, end, row.offset);
    if (second.ec != std::errc{} || second.ptr == end || *second.ptr != '\n')
      return tl::unexpected(
          std::string{"ClickHouse's answer is no list of rows"});
    result.push_back(row);
    at = second.ptr + 1;
  }
  return result;
}

} // namespace sluice::chaos
