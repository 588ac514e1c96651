#include "actors/metrics.hpp"

#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;

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
  tell(actor_failed{"writer of table users", "first", {}, {}});
  tell(actor_failed{"writer of table users", "second", {}, {}});
  const auto report = board_->current();
  ASSERT_EQ(report.restarts.size(), 1U);
  EXPECT_EQ(report.restarts[0].restarts, 2U);
  EXPECT_EQ(report.restarts[0].last_reason, "second");
  EXPECT_EQ(report.restarts[0].next, std::nullopt);
  EXPECT_TRUE(report.health.reasons.empty());
}

TEST_F(Metrics, AnActorThatWaitsForItsRestartDegradesTheNodeUntilItRuns) {
  tell(actor_failed{"coordinator", "no memory", 4s, {}});
  auto report = board_->current();
  ASSERT_EQ(report.restarts.size(), 1U);
  EXPECT_EQ(report.restarts[0].next, *report.restarts[0].last + 4s);
  EXPECT_EQ(report.health.state, status::health_state::degraded);
  EXPECT_EQ(report.health.reasons,
            std::vector<std::string>{"coordinator: no memory"});
  EXPECT_NE(registry_->exposition().find("sluice_actors_waiting 1\n"),
            std::string::npos);
  tell(actor_recovered{"coordinator"});
  report = board_->current();
  EXPECT_EQ(report.restarts[0].next, std::nullopt);
  EXPECT_EQ(report.restarts[0].restarts, 1U);
  EXPECT_EQ(report.health.state, status::health_state::running);
  EXPECT_NE(registry_->exposition().find("sluice_actors_waiting 0\n"),
            std::string::npos);
}

TEST_F(Metrics, APartitionWhosePipelineFailedIsStoppedWithTheReason) {
  partition_reported message;
  message.report.topic = "users";
  message.report.committed = 7;
  message.report.in_flight_bytes = 100;
  message.report.state = status::partition_state::running;
  tell(message);
  for (const auto partition : {0, 1}) {
    const kafka::topic_partition where{"users", partition};
    tell(actor_failed{kafka::to_string(where), "silver ahead", 1s, where});
    const auto partitions = board_->current().partitions;
    ASSERT_EQ(partitions.size(), static_cast<std::size_t>(partition) + 1);
    const auto& stopped = partitions.back();
    EXPECT_EQ(stopped.partition, partition);
    EXPECT_EQ(stopped.state, status::partition_state::stopped);
    EXPECT_EQ(stopped.reason, "silver ahead");
    EXPECT_EQ(stopped.committed, partition == 0 ? 7 : -1);
    EXPECT_EQ(stopped.in_flight_bytes, 0U);
  }
}

TEST_F(Metrics, WhatRetentionLeavesOfAHeldOffsetIsAMetric) {
  partition_reported message;
  message.report.topic = "users";
  message.report.retention_left = 90s;
  tell(message);
  const auto* name =
      "sluice_retention_left_seconds{partition=\"0\",topic=\"users\"} ";
  EXPECT_NE(registry_->exposition().find(std::string{name}.append("90\n")),
            std::string::npos);
  message.report.retention_left.reset();
  tell(message);
  EXPECT_NE(registry_->exposition().find(std::string{name}.append("+Inf\n")),
            std::string::npos);
  message.report.retention_left = 90s;
  tell(message);
  tell(partition_gone{{"users", 0}});
  EXPECT_NE(registry_->exposition().find(std::string{name}.append("+Inf\n")),
            std::string::npos);
}

TEST_F(Metrics, AnActorsRestartsCountFromZero) {
  tell(actor_recovered{"coordinator"});
  EXPECT_NE(registry_->exposition().find(
                "sluice_actor_restarts_total{actor=\"coordinator\"} 0\n"),
            std::string::npos);
}

TEST_F(Metrics, ANodeThatStopsIsNotReadyWhateverItsTroubles) {
  tell(trouble_reported{"kafka", "broker down"});
  EXPECT_TRUE(status::is_ready(board_->current()));
  tell(phase_changed{status::health_state::stopping});
  EXPECT_FALSE(status::is_ready(board_->current()));
}

} // namespace
} // namespace sluice::actors
