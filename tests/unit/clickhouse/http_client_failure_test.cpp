#include <chrono>

#include <gmock/gmock.h>

#include "http_client_fixture.hpp"

namespace sluice::clickhouse {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using std::chrono_literals::operator""ms;

// -- what ClickHouse answers -------------------------------------------------

TEST(HttpClient, AnExceptionIsKnownByItsHeader) {
  const auto failure = failure_of_insert([](const auto&) {
    return reply(404,
                 "Code: 60. DB::Exception: Table commerce.users does\n"
                 "not exist. (UNKNOWN_TABLE)\n",
                 {"X-ClickHouse-Exception-Code: 60"});
  });
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_EQ(failure.code, 60);
  EXPECT_FALSE(failure.outcome_unknown);
  EXPECT_EQ(failure.message, "Code: 60. DB::Exception: Table commerce.users "
                             "does not exist. (UNKNOWN_TABLE)");
}

TEST(HttpClient, WithoutTheHeaderItIsKnownByItsText) {
  const auto failure = failure_of_insert([](const auto&) {
    return reply(500, "Code: 241. DB::Exception: Memory limit exceeded");
  });
  EXPECT_EQ(failure.what, remedy::split);
  EXPECT_EQ(failure.code, 241);
  EXPECT_FALSE(failure.outcome_unknown);
}

TEST(HttpClient, AServersOwnTimeoutLeavesTheOutcomeOpen) {
  const auto failure = failure_of_insert([](const auto&) {
    return reply(500, "Code: 159. DB::Exception: Timeout exceeded",
                 {"X-ClickHouse-Exception-Code: 159"});
  });
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_TRUE(failure.outcome_unknown);
}

TEST(HttpClient, AWrongPasswordStopsAndNamesUserAndServerOnly) {
  for (const auto status : {401, 403, 500}) {
    const auto failure = failure_of_query([status](const auto&) {
      return reply(status,
                   "Code: 516. DB::Exception: writer: Authentication "
                   "failed: password is incorrect",
                   {"X-ClickHouse-Exception-Code: 516"});
    });
    EXPECT_EQ(failure.what, remedy::stop);
    EXPECT_EQ(failure.code, 516);
    EXPECT_THAT(failure.message,
                AllOf(HasSubstr("wrong user or password for user 'writer' at "
                                "http://127.0.0.1:"),
                      HasSubstr("clickhouse.password"),
                      Not(HasSubstr("s3cret"))));
  }
  const auto proxy = failure_of_query(
      [](const auto&) { return reply(401, "authorization required"); });
  EXPECT_EQ(proxy.what, remedy::stop);
  EXPECT_THAT(proxy.message, HasSubstr("wrong user or password"));
}

TEST(HttpClient, AMissingGrantIsNotAWrongPassword) {
  const auto failure = failure_of_query([](const auto&) {
    return reply(403,
                 "Code: 497. DB::Exception: writer: Not enough "
                 "privileges. INSERT ON commerce.users",
                 {"X-ClickHouse-Exception-Code: 497"});
  });
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_THAT(failure.message, AllOf(HasSubstr("INSERT ON commerce.users"),
                                     Not(HasSubstr("wrong user"))));
}

TEST(HttpClient, AnExceptionAppendedToAResultIsNoResult) {
  const std::string text = "Code: 395. DB::Exception: boom";
  const auto failure = failure_of_query([&text](const auto&) {
    return reply(200,
                 "1\n2\n\r\n__exception__\r\nabcdefghijklmnop\r\n" + text + "\n"
                     + std::to_string(text.size())
                     + " abcdefghijklmnop\r\n__exception__\r\n",
                 {"X-ClickHouse-Exception-Tag: abcdefghijklmnop"});
  });
  EXPECT_EQ(failure.code, 395);
  EXPECT_EQ(failure.message, text);
}

TEST(HttpClient, TextOfAnExceptionInARowIsData) {
  const std::string rows = "7\tCode: 241. DB::Exception: of an earlier run\n";
  scripted_server server{[&rows](const auto&) {
    return reply(200, rows, {"X-ClickHouse-Exception-Tag: abcdefghijklmnop"});
  }};
  EXPECT_EQ(make_http_client(at(server.url()))->query(sql("SELECT")).value(),
            rows);
}

// -- what is between ---------------------------------------------------------

TEST(HttpClient, AProxysFailureLeavesAnInsertsOutcomeOpen) {
  const auto failure = failure_of_insert(
      [](const auto&) { return reply(502, "<h1>Bad\nGateway</h1>"); });
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_TRUE(failure.outcome_unknown);
  EXPECT_EQ(failure.code, 0);
  EXPECT_THAT(failure.message, HasSubstr("HTTP 502: <h1>Bad Gateway</h1>"));
}

TEST(HttpClient, AServerThatIsNoClickHouseStops) {
  EXPECT_EQ(failure_of_query([](const auto&) {
              return reply(302, "", {"Location: http://127.0.0.1:1/"});
            }).what,
            remedy::stop);
  EXPECT_EQ(failure_of_query([](const auto&) { return reply(404, ""); }).what,
            remedy::stop);
  EXPECT_EQ(failure_of_query([](const auto&) { return reply(429, ""); }).what,
            remedy::retry);
  EXPECT_EQ(failure_of_insert([](const auto&) { return reply(413, ""); }).what,
            remedy::split);
}

TEST(HttpClient, NoServerIsAKnownOutcomeAndOneClearLine) {
  std::string url;
  {
    scripted_server gone{fine};
    url = gone.url();
  }
  const block_of_bytes block{100};
  const auto failure =
      make_http_client(at(url))->insert(block.request("t")).error();
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_FALSE(failure.outcome_unknown);
  EXPECT_THAT(failure.message,
              AllOf(HasSubstr("cannot be reached at " + url),
                    HasSubstr("clickhouse.url"), Not(HasSubstr("\n"))));
}

TEST(HttpClient, ASilentServerIsLeftAtTheDeadline) {
  scripted_server server{[](const auto&) {
    auto late = reply(200, "");
    late.delay = 1500ms;
    return late;
  }};
  auto where = at(server.url());
  where.request_timeout = 200ms;
  const block_of_bytes block{100};
  const auto begin = std::chrono::steady_clock::now();
  const auto failure = make_http_client(where)->insert(block.request("t"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1200ms);
  ASSERT_FALSE(failure.has_value());
  EXPECT_EQ(failure.error().what, remedy::retry);
  EXPECT_TRUE(failure.error().outcome_unknown);
  EXPECT_THAT(failure.error().message, HasSubstr("within 200 ms"));
}

TEST(HttpClient, AQueriesOwnTimeoutGoesBeforeTheClients) {
  scripted_server server{[](const auto&) {
    auto late = reply(200, "");
    late.delay = 1000ms;
    return late;
  }};
  auto request = sql("SELECT sleep(3)");
  request.timeout = 100ms;
  const auto failure = make_http_client(at(server.url()))->query(request);
  ASSERT_FALSE(failure.has_value());
  EXPECT_THAT(failure.error().message, HasSubstr("within 100 ms"));
}

TEST(HttpClient, AConnectionCutInTheMiddleOfABlockLeavesTheOutcomeOpen) {
  scripted_server server{fine};
  server.cut_bodies_at(100'000);
  const block_of_bytes block{8U << 20U};
  const auto failure =
      make_http_client(at(server.url()))->insert(block.request("t")).error();
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_TRUE(failure.outcome_unknown);
  EXPECT_EQ(server.heard().size(), 1U);
}

TEST(HttpClient, AResultThatEndsTooEarlyIsNoResult) {
  const auto failure = failure_of_query([](const auto&) {
    auto cut = reply(200, std::string(1000, 'r'));
    cut.bytes.resize(cut.bytes.size() - 1);
    cut.close = true;
    return cut;
  });
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_TRUE(failure.outcome_unknown);
}

TEST(HttpClient, WhatIsNoHttpIsAnError) {
  const auto failure = failure_of_query([](const auto&) {
    return planned_reply{.bytes = "SSH-2.0-OpenSSH\r\n", .close = true};
  });
  EXPECT_EQ(failure.what, remedy::retry);
  EXPECT_TRUE(failure.outcome_unknown);
  EXPECT_THAT(failure.message, HasSubstr("was cut"));
}

/// Answers the first request of a connection and closes at the second.
planned_reply closes_when_reused(const heard_request& request) {
  if (request.connection == 0 && request.index > 0)
    return {.bytes = "", .close = true};
  return reply(200, "");
}

TEST(HttpClient, ATokenedBlockGoesOutAgainOverAConnectionThatWasClosed) {
  for (const auto* compression : {"none", "lz4", "zstd"}) {
    scripted_server server{closes_when_reused};
    const block_of_bytes block{100'000};
    auto where = at(server.url());
    where.compression = compression;
    const auto client = make_http_client(where);
    ASSERT_TRUE(client->query(sql("SELECT 1")).has_value());
    EXPECT_TRUE(client->insert(block.request("t")).has_value()) << compression;
    const auto heard = server.heard();
    ASSERT_EQ(heard.size(), 3U) << compression;
    EXPECT_EQ(heard[1].connection, 0);
    EXPECT_EQ(heard[2].connection, 1);
    EXPECT_EQ(heard[1].body, heard[2].body);
    EXPECT_EQ(heard[1].target, heard[2].target);
  }
}

TEST(HttpClient, WhatIsRefusedTheSecondTimeMayHaveSucceededTheFirst) {
  scripted_server server{[](const heard_request& request) {
    if (request.connection == 0)
      return closes_when_reused(request);
    return reply(500, "Code: 241. DB::Exception: Memory limit exceeded");
  }};
  const block_of_bytes block{1000};
  const auto client = make_http_client(at(server.url()));
  ASSERT_TRUE(client->query(sql("SELECT 1")).has_value());
  const auto failure = client->insert(block.request("t"));
  ASSERT_FALSE(failure.has_value());
  EXPECT_EQ(server.heard().size(), 3U);
  EXPECT_EQ(failure.error().code, 241);
  EXPECT_TRUE(failure.error().outcome_unknown);
}

TEST(HttpClient, NothingElseIsSentTwice) {
  scripted_server server{closes_when_reused};
  const block_of_bytes block{1000};
  const auto client = make_http_client(at(server.url()));
  ASSERT_TRUE(client->query(sql("SELECT 1")).has_value());
  const auto failure = client->query(sql("INSERT INTO t SELECT 1"));
  ASSERT_FALSE(failure.has_value());
  EXPECT_TRUE(failure.error().outcome_unknown);
  EXPECT_EQ(server.heard().size(), 2U);

  scripted_server second{closes_when_reused};
  const auto other = make_http_client(at(second.url()));
  ASSERT_TRUE(other->query(sql("SELECT 1")).has_value());
  EXPECT_FALSE(other->insert(block.request("")).has_value());
  EXPECT_EQ(second.heard().size(), 2U);
}

TEST(HttpClient, AfterAFailureTheNextCallConnectsAnew) {
  scripted_server server{[](const heard_request& request) {
    if (request.connection == 0)
      return planned_reply{.bytes = "", .close = true};
    return reply(200, "back");
  }};
  const auto client = make_http_client(at(server.url()));
  EXPECT_FALSE(client->query(sql("SELECT 1")).has_value());
  EXPECT_EQ(client->query(sql("SELECT 1")).value(), "back");
}

// -- what cannot work at all -------------------------------------------------

TEST(HttpClient, AnAuthorityFileThatIsNotThereStopsAndIsNamed) {
  scripted_server server{fine};
  auto where = at("https" + server.url().substr(4));
  where.ca_file = "/no/such/ca.pem";
  const auto failure = make_http_client(where)->query(sql("SELECT 1")).error();
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_THAT(failure.message,
              HasSubstr("clickhouse.ca_file '/no/such/ca.pem'"));
}

TEST(HttpClient, HttpsToAPlainPortSaysSo) {
  scripted_server server{[](const auto&) { return reply(200, ""); }};
  auto where = at("https" + server.url().substr(4));
  where.connect_timeout = 500ms;
  const auto failure = make_http_client(where)->query(sql("SELECT 1")).error();
  EXPECT_FALSE(failure.outcome_unknown);
  EXPECT_THAT(failure.message, HasSubstr(where.url));
}

TEST(HttpClient, AUserInTheUrlIsRefusedWithoutShowingIt) {
  auto where = at("http://me:s3cret@127.0.0.1:1/x@y");
  const auto failure = make_http_client(where)->query(sql("SELECT 1")).error();
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_THAT(failure.message, AllOf(HasSubstr("http://127.0.0.1:1/x@y"),
                                     Not(HasSubstr("s3cret"))));
  EXPECT_EQ(http_endpoint(where)->name(), "http://127.0.0.1:1/x@y");
}

TEST(HttpClient, APasswordCannotAddHeaders) {
  scripted_server server{fine};
  auto where = at(server.url());
  where.password = "x\r\nX-Evil: 1";
  const auto failure = make_http_client(where)->query(sql("SELECT 1")).error();
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_THAT(failure.message, HasSubstr("line break"));
  EXPECT_TRUE(server.heard().empty());
}

TEST(HttpClient, AnAddressThatMakesNoSenseStops) {
  for (const auto* url : {"ftp://127.0.0.1:1", "http://", "http://[::1"})
    EXPECT_EQ(make_http_client(at(url))->query(sql("SELECT 1")).error().what,
              remedy::stop)
        << url;
}

TEST(HttpClient, AnEndpointMakesClientsOfItsOwn) {
  scripted_server server{fine};
  const auto endpoint = http_endpoint(at(server.url()));
  EXPECT_EQ(endpoint->name(), server.url());
  ASSERT_TRUE(endpoint->connect()->query(sql("SELECT 1")).has_value());
  ASSERT_TRUE(endpoint->connect()->query(sql("SELECT 1")).has_value());
  EXPECT_EQ(server.connections(), 2);
}

} // namespace
} // namespace sluice::clickhouse
