#include "status/status_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "status/http_get.hpp"

namespace sluice::status {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

report running_report() {
  report of;
  of.node.pipeline = "commerce";
  of.health.state = health_state::running;
  return of;
}

std::unique_ptr<status_server>
serve(std::function<report()> current = running_report) {
  auto server = status_server::start(
      "127.0.0.1", 0, {std::move(current), [] { return "sluice_ready 1\n"; }});
  EXPECT_TRUE(server) << server.error();
  return std::move(server.value());
}

http_response get(const status_server& from, const std::string& path) {
  const auto answer = http_get(from.url() + path);
  EXPECT_TRUE(answer) << answer.error();
  return answer.value_or(http_response{});
}

TEST(StatusServer, ShowsPageJsonMetricsAndProbes) {
  const auto server = serve();
  EXPECT_NE(server->port(), 0);
  EXPECT_EQ(server->url(),
            "http://127.0.0.1:" + std::to_string(server->port()));
  EXPECT_THAT(get(*server, "/").body, HasSubstr("<title>Sluice commerce"));
  const auto json = get(*server, "/status");
  EXPECT_EQ(from_json(json.body).value().node.pipeline, "commerce");
  EXPECT_EQ(get(*server, "/metrics").body, "sluice_ready 1\n");
  EXPECT_EQ(get(*server, "/healthz").status, 200);
  EXPECT_EQ(get(*server, "/readyz").status, 200);
  EXPECT_EQ(get(*server, "/nothing").status, 404);
}

TEST(StatusServer, IsNotReadyWithItsReasons) {
  auto of = running_report();
  of.health = {health_state::starting, {"waiting for the broker"}};
  const auto server = serve([&] { return of; });
  const auto answer = get(*server, "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("starting"));
  EXPECT_THAT(answer.body, HasSubstr("waiting for the broker"));
  EXPECT_EQ(get(*server, "/healthz").status, 200);
}

TEST(StatusServer, AnswersAFailingSourceWithItsReason) {
  const auto server =
      serve([]() -> report { throw std::runtime_error("no report"); });
  const auto answer = get(*server, "/status");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("no report"));
  EXPECT_EQ(get(*server, "/healthz").status, 200);
}

TEST(StatusServer, NamesAPortInUse) {
  const auto first = serve();
  const auto second = status_server::start("127.0.0.1", first->port(), {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("in use"));
  EXPECT_THAT(second.error(), HasSubstr(std::to_string(first->port())));
}

TEST(StatusServer, NamesAHostThatIsNotOfThisMachine) {
  const auto server = status_server::start("203.0.113.1", 0, {});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error(), HasSubstr("no address of this machine"));
}

TEST(StatusServer, FreesItsPortWhenItGoes) {
  auto first = serve();
  const auto port = first->port();
  EXPECT_EQ(get(*first, "/healthz").status, 200);
  first.reset();
  const auto second = status_server::start("127.0.0.1", port, {});
  EXPECT_TRUE(second) << second.error();
}

TEST(StatusServer, ShowsTheLoopbackForAWildcardAddress) {
  const auto server = status_server::start(
      "0.0.0.0", 0, {running_report, [] { return std::string{}; }});
  ASSERT_TRUE(server) << server.error();
  EXPECT_THAT((*server)->url(), StartsWith("http://127.0.0.1:"));
}

TEST(StatusServer, ServesSeveralReadersAtOnce) {
  const auto server = serve();
  std::atomic<int> good = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i)
    readers.emplace_back([&] {
      for (int n = 0; n < 5; ++n)
        if (const auto answer = http_get(server->url() + "/status"))
          good += answer->status == 200 ? 1 : 0;
    });
  for (auto& reader : readers)
    reader.join();
  EXPECT_EQ(good, 40);
}

TEST(HttpGet, NamesAnAddressThatIsNone) {
  for (const auto* url : {"", "https://x/", "http://", "http://:1/",
                          "http://h:0/", "http://h:x/", "http://h:70000/"}) {
    const auto answer = http_get(url);
    ASSERT_FALSE(answer) << url;
    EXPECT_THAT(answer.error(), HasSubstr("no address"));
  }
}

TEST(HttpGet, SaysWhereNothingListens) {
  std::string url;
  { url = serve()->url(); }
  const auto answer = http_get(url + "/status", 2s);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error(), HasSubstr(url));
  EXPECT_THAT(answer.error(), HasSubstr("cannot connect"));
}

TEST(HttpGet, EndsAtItsDeadline) {
  std::atomic<bool> go_on = false;
  const auto server = serve([&] {
    while (!go_on)
      std::this_thread::sleep_for(5ms);
    return running_report();
  });
  const auto answer = http_get(server->url() + "/status", 100ms);
  go_on = true;
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error(), HasSubstr("no answer in time"));
}

} // namespace
} // namespace sluice::status
