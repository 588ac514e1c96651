// What the tests of the HTTP client share: a client of a scripted server, and
// something to send.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "clickhouse/endpoints.hpp"
#include "clickhouse/http_client.hpp"
#include "scripted_server.hpp"

namespace sluice::clickhouse {

inline planned_reply fine(const heard_request& /*request*/) {
  return reply(200, "");
}

inline topology::clickhouse at(const std::string& url) {
  topology::clickhouse result;
  result.url = url;
  result.database = "commerce";
  result.user = "writer";
  result.password = "s3cret";
  result.compression = "none";
  result.connect_timeout = std::chrono::seconds{2};
  result.request_timeout = std::chrono::seconds{20};
  return result;
}

inline query_request sql(std::string text) {
  query_request result;
  result.sql = std::move(text);
  return result;
}

/// A block of `size` bytes in two pieces.
struct block_of_bytes {
  explicit block_of_bytes(std::size_t size) : bytes(size, std::byte{0}) {
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<std::byte>((i * 2654435761U) >> 13U);
    const std::span<const std::byte> all{bytes};
    pieces = {all.first(size / 3), {}, all.subspan(size / 3)};
  }
  [[nodiscard]] insert_request request(std::string token) const {
    insert_request result;
    result.database = "commerce";
    result.table = "users";
    result.columns = columns;
    result.structure = "`id` Int32";
    result.pieces = pieces;
    result.rows = 1;
    result.deduplication_token = std::move(token);
    return result;
  }
  [[nodiscard]] std::string text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::vector<std::byte> bytes;
  std::vector<std::span<const std::byte>> pieces;
  std::vector<std::string> columns{"id"};
};

inline error failure_of_query(const scripted_server::script& answer) {
  scripted_server server{answer};
  auto result = make_http_client(at(server.url()))->query(sql("SELECT 1"));
  EXPECT_FALSE(result.has_value());
  return result ? error{} : result.error();
}

inline error failure_of_insert(const scripted_server::script& answer) {
  scripted_server server{answer};
  const block_of_bytes block{100};
  auto result =
      make_http_client(at(server.url()))->insert(block.request("token"));
  EXPECT_FALSE(result.has_value());
  return result ? error{} : result.error();
}

} // namespace sluice::clickhouse
