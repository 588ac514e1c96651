#include "chaos/fault_proxy.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "chaos/proxy_connection.hpp"
#include "clickhouse/http_client.hpp"

namespace sluice::chaos {
namespace {

using namespace std::chrono_literals;

/// Acknowledges every request and remembers the tokens.
class acknowledging_server {
public:
  acknowledging_server()
      : listener_{listen_on_loopback().value()}, thread_{[this] { run(); }} {}
  ~acknowledging_server() {
    stop_ = true;
    thread_.join();
  }
  acknowledging_server(const acknowledging_server&) = delete;
  acknowledging_server& operator=(const acknowledging_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
  [[nodiscard]] int requests() const { return requests_; }

private:
  void run() {
    while (!stop_) {
      if (wait_readable(listener_, 20ms) != wait_result::ready)
        continue;
      const auto from = accept_connection(listener_);
      std::string bytes;
      // The end of a request is the end of its body: "!".
      while (!stop_ && !bytes.ends_with("!")
             && wait_readable(from, 1000ms) == wait_result::ready
             && read_some(from, bytes)) {
        // nop
      }
      if (!bytes.ends_with("!"))
        continue;
      ++requests_;
      (void)send_all(from, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
    }
  }

  socket_handle listener_;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class FaultProxy : public testing::Test {
protected:
  FaultProxy() {
    auto started =
        fault_proxy::start({.upstream_port = server_.port(),
                            .seed = 1,
                            .late_by = 100ms,
                            .inserted = [this](const std::string& token) {
                              const std::lock_guard lock{mutex_};
                              inserted_.push_back(token);
                            }});
    proxy_ = std::move(started.value());
  }

  tl::expected<void, clickhouse::error> insert(const std::string& token) {
    topology::clickhouse where;
    where.url = "http://127.0.0.1:" + std::to_string(proxy_->port());
    where.request_timeout = 300ms;
    where.compression = "none";
    const auto client = clickhouse::make_http_client(where);
    const std::string block = "rows!";
    const auto bytes = std::as_bytes(std::span{block});
    const std::vector<std::string> columns = {"a"};
    return client->insert({.database = "d",
                           .table = "t",
                           .columns = columns,
                           .structure = "a Int8",
                           .pieces = {&bytes, 1},
                           .rows = 1,
                           .deduplication_token = token,
                           .filter = {},
                           .hide_column = {},
                           .options = {}});
  }

  std::vector<std::string> inserted() {
    const std::lock_guard lock{mutex_};
    return inserted_;
  }

  acknowledging_server server_;
  std::mutex mutex_;
  std::vector<std::string> inserted_;
  std::unique_ptr<fault_proxy> proxy_;
};

TEST_F(FaultProxy, ForwardsRequestsWhileNothingIsWrong) {
  EXPECT_TRUE(insert("p/t/x/0/1/0-5"));
  EXPECT_TRUE(insert("p/t/x/0/1/5-9"));
  EXPECT_EQ(server_.requests(), 2);
  EXPECT_THAT(inserted(),
              testing::ElementsAre("p/t/x/0/1/0-5", "p/t/x/0/1/5-9"));
  EXPECT_EQ(proxy_->played()[0], 2U);
}

TEST_F(FaultProxy, HoldsRequestsWhileItIsStalled) {
  proxy_->stall(true);
  const auto held = insert("token");
  ASSERT_FALSE(held);
  EXPECT_TRUE(held.error().outcome_unknown);
  EXPECT_EQ(server_.requests(), 0);
  proxy_->stall(false);
  EXPECT_TRUE(insert("token"));
}

TEST_F(FaultProxy, PlaysEveryFaultAndTheClientKnowsWhatItDoesNotKnow) {
  proxy_->set_rate(80);
  auto done_and_told = 0;
  auto failed = 0;
  for (auto i = 0; i < 150; ++i) {
    const auto before = server_.requests();
    const auto result = insert("p/t/x/0/1/" + std::to_string(i) + "-x");
    proxy_->wait_for_late();
    const auto was_done = server_.requests() > before;
    if (result)
      ++done_and_told;
    else
      ++failed;
    EXPECT_TRUE(was_done || !result) << "acknowledged and not done";
    EXPECT_TRUE(result || !was_done || result.error().outcome_unknown)
        << "done, and told as not done: " << result.error().message;
  }
  const auto played = proxy_->played();
  for (std::size_t kind = 1; kind < fault_kinds; ++kind)
    EXPECT_GT(played[kind], 0U) << to_string(static_cast<fault>(kind));
  EXPECT_GT(done_and_told, 0);
  EXPECT_GT(failed, 50);
}

TEST_F(FaultProxy, AnswersInThePlaceOfADeadClickHouse) {
  const auto dead = free_port().value();
  auto proxy = fault_proxy::start({.upstream_port = dead, .seed = 1});
  ASSERT_TRUE(proxy);
  proxy_ = std::move(*proxy);
  const auto result = insert("token");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, clickhouse::remedy::retry);
}

} // namespace
} // namespace sluice::chaos
