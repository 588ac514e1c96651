#include "actors/metrics.hpp"

#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

class Metrics : public actor_test {
protected:
  void SetUp() override {
    metrics_ = own(system_.spawn(metrics, metrics_parts{board_, registry_}));
    tell(phase_changed{status::health_state::running});
  }
  template <class Message>
  void tell(Message message) {
    caf::anon_send(metrics_, std::move(message));
    settle();
  }
  void report_table(status::table_state state, const std::string& reason) {
    status::table_report report;
    report.name = "users";
    report.state = state;
    report.reason = reason;
    tell(table_reported{report});
  }

  std::shared_ptr<status_board> board_ =
      std::make_shared<status_board>(status::report{});
  std::shared_ptr<status::registry> registry_ =
      std::make_shared<status::registry>("test", "test");
  metrics_actor metrics_;
};

TEST_F(Metrics, ATableThatStopsDegradesTheNodeUntilItIsWrittenAgain) {
  report_table(status::table_state::stopped, "no such table");
  auto health = board_->current().health;
  EXPECT_EQ(health.state, status::health_state::degraded);
  EXPECT_EQ(health.reasons,
            std::vector<std::string>{"table users: stopped: no such table"});
  report_table(status::table_state::running, "");
  health = board_->current().health;
  EXPECT_EQ(health.state, status::health_state::running);
  EXPECT_TRUE(health.reasons.empty());
}

TEST_F(Metrics, TheNewestReportOfAPartitionReplacesTheOlderOne) {
  for (const auto offset : {5, 9}) {
    partition_reported message;
    message.report.topic = "users";
    message.report.committed = offset;
    tell(message);
  }
  const auto partitions = board_->current().partitions;
  ASSERT_EQ(partitions.size(), 1U);
  EXPECT_EQ(partitions[0].committed, 9);
  tell(partition_gone{{"users", 0}});
  EXPECT_TRUE(board_->current().partitions.empty());
}

TEST_F(Metrics, CountsWhatBecameNoRowOverAllTransformers) {
  tell(records_counted{"users", 2, 5});
  tell(records_counted{"users", 1, 0});
  report_table(status::table_state::running, "");
  const auto tables = board_->current().tables;
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].dead_letters, 3U);
  EXPECT_EQ(tables[0].ignored, 5U);
}

TEST_F(Metrics, CountsRestartsAndKeepsTheLastReason) {
  tell(actor_restarted{"users/0", "first"});
  tell(actor_restarted{"users/0", "second"});
  const auto restarts = board_->current().restarts;
  ASSERT_EQ(restarts.size(), 1U);
  EXPECT_EQ(restarts[0].restarts, 2U);
  EXPECT_EQ(restarts[0].last_reason, "second");
}

TEST_F(Metrics, ANodeThatStopsIsNotReadyWhateverItsTroubles) {
  tell(trouble_reported{"kafka", "broker down"});
  EXPECT_TRUE(status::is_ready(board_->current()));
  tell(phase_changed{status::health_state::stopping});
  EXPECT_FALSE(status::is_ready(board_->current()));
}

} // namespace
} // namespace sluice::actors
