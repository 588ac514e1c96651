#include <chrono>

#include <gmock/gmock.h>
#include <zstd.h>

#include "http_client_fixture.hpp"

namespace sluice::clickhouse {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// -- what is sent ------------------------------------------------------------

TEST(HttpClient, AQueryGoesOutInTheBodyAndTheRestInTheUrl) {
  scripted_server server{[](const auto&) { return reply(200, "1\n"); }};
  const auto client = make_http_client(at(server.url()));
  auto request = sql("SELECT {x:String} -- \xc3\xa4");
  request.format = "TabSeparated";
  request.parameters = {{"x", "a&b=c%\t"}};
  request.options = {{"final", "1"}};
  request.query_id = "gold/1";
  EXPECT_EQ(client->query(request).value(), "1\n");
  const auto heard = server.heard().at(0);
  EXPECT_EQ(heard.body, request.sql);
  EXPECT_EQ(heard.parameter("default_format"), "TabSeparated");
  EXPECT_EQ(heard.parameter("param_x"), "a&b=c%\t");
  EXPECT_EQ(heard.parameter("final"), "1");
  EXPECT_EQ(heard.parameter("query_id"), "gold/1");
  EXPECT_EQ(heard.parameter("database"), "commerce");
  EXPECT_EQ(heard.parameter("wait_end_of_query"), "1");
}

TEST(HttpClient, UserAndPasswordTravelInHeadersOnly) {
  scripted_server server{fine};
  const auto client = make_http_client(at(server.url()));
  ASSERT_TRUE(client->query(sql("SELECT 1")).has_value());
  const auto heard = server.heard().at(0);
  EXPECT_EQ(heard.headers.at("x-clickhouse-user"), "writer");
  EXPECT_EQ(heard.headers.at("x-clickhouse-key"), "s3cret");
  EXPECT_THAT(heard.target,
              AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("writer"))));
}

TEST(HttpClient, TheDatabaseIsMadeWithoutBeingInIt) {
  scripted_server server{fine};
  const auto client = make_http_client(at(server.url()));
  ASSERT_TRUE(client->query(sql("\n Create DATABASE IF NOT EXISTS `commerce`"))
                  .has_value());
  EXPECT_EQ(server.heard().at(0).parameter("database"), std::nullopt);
}

TEST(HttpClient, ABlockIsOneInsertWithItsTokenAndPinnedSettings) {
  scripted_server server{fine};
  const block_of_bytes block{1000};
  const auto client = make_http_client(at(server.url()));
  ASSERT_TRUE(client->insert(block.request("p/t/x/0/1/2-3")).has_value());
  const auto heard = server.heard().at(0);
  EXPECT_EQ(heard.parameter("query"),
            "INSERT INTO `commerce`.`users` (`id`) FORMAT Native");
  EXPECT_EQ(heard.parameter("insert_deduplication_token"), "p/t/x/0/1/2-3");
  EXPECT_EQ(heard.parameter("async_insert"), "0");
  EXPECT_EQ(heard.parameter("min_insert_block_size_rows"), "1000000000");
  EXPECT_EQ(heard.body, block.text());
  EXPECT_EQ(heard.headers.count("content-encoding"), 0U);
}

TEST(HttpClient, ALargeBlockArrivesWhole) {
  scripted_server server{fine};
  // More than any socket holds; little, because ThreadSanitizer is slow.
  const block_of_bytes block{12U << 20U};
  for (const auto* compression : {"none", "lz4", "zstd"}) {
    auto where = at(server.url());
    where.compression = compression;
    ASSERT_TRUE(
        make_http_client(where)->insert(block.request("t")).has_value());
  }
  const auto heard = server.heard();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0].body, block.text());
  EXPECT_EQ(heard[1].headers.at("content-encoding"), "lz4");
  EXPECT_EQ(heard[2].headers.at("content-encoding"), "zstd");
  EXPECT_EQ(
      ZSTD_getFrameContentSize(heard[2].body.data(), heard[2].body.size()),
      ZSTD_CONTENTSIZE_UNKNOWN);
}

TEST(HttpClient, TheConnectionIsKept) {
  scripted_server server{fine};
  const block_of_bytes block{10};
  const auto client = make_http_client(at(server.url()));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client->query(sql("SELECT 1")).has_value());
    ASSERT_TRUE(client->insert(block.request("t")).has_value());
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ACompressedReplyComesBackPlain) {
  const std::string rows(100'000, 'r');
  std::string packed(ZSTD_compressBound(rows.size()), '\0');
  packed.resize(
      ZSTD_compress(packed.data(), packed.size(), rows.data(), rows.size(), 1));
  scripted_server server{[&packed](const auto&) {
    return reply(200, packed, {"Content-Encoding: zstd"});
  }};
  auto where = at(server.url());
  where.compression = "lz4";
  EXPECT_EQ(make_http_client(where)->query(sql("SELECT 1")).value(), rows);
  const auto heard = server.heard().at(0);
  EXPECT_EQ(heard.parameter("enable_http_compression"), "1");
  EXPECT_THAT(heard.headers.at("accept-encoding"), HasSubstr("zstd"));
}

TEST(HttpClient, ALargeResultArrivesWhole) {
  const std::string rows(12U << 20U, 'r');
  scripted_server server{[&rows](const auto&) { return reply(200, rows); }};
  EXPECT_EQ(make_http_client(at(server.url()))->query(sql("SELECT 1")).value(),
            rows);
}

TEST(HttpClient, AnEmptyUrlPathAndAProxysPathBothWork) {
  scripted_server server{fine};
  for (const auto* path : {"", "/", "/ch/", "/?cluster=a"})
    ASSERT_TRUE(make_http_client(at(server.url() + path))
                    ->query(sql("SELECT 1"))
                    .has_value())
        << path;
  const auto heard = server.heard();
  EXPECT_THAT(heard[0].target, ::testing::StartsWith("/?database="));
  EXPECT_THAT(heard[2].target, ::testing::StartsWith("/ch/?database="));
  EXPECT_EQ(heard[3].parameter("cluster"), "a");
  EXPECT_EQ(heard[3].parameter("database"), "commerce");
}

} // namespace
} // namespace sluice::clickhouse
