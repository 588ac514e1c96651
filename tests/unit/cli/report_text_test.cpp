#include "cli/report_text.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

status::instant at(std::int64_t second) {
  return status::instant{std::chrono::seconds{second}};
}

status::report example() {
  status::report result;
  result.at = at(1'000);
  result.node.id = "box-42";
  result.node.pipeline = "shop";
  result.node.status_url = "http://127.0.0.1:8125";
  result.node.clickhouse_url = "http://127.0.0.1:8123";
  result.node.started = at(400);
  result.node.pid = 42;
  result.health.state = status::health_state::degraded;
  result.health.reasons = {"kafka: connection refused"};
  status::table_report table;
  table.name = "users";
  table.rows_written = 17;
  table.last_write = at(997);
  result.tables = {table};
  status::partition_report partition;
  partition.topic = "pg.users";
  partition.partition = 3;
  partition.position = 20;
  result.partitions = {partition};
  return result;
}

TEST(ReportText, ShowsTheAddressesAndTheHealth) {
  const auto text = report_text(example());
  EXPECT_THAT(text, HasSubstr("shop: node box-42 degraded\n"
                              "  ! kafka: connection refused\n"));
  EXPECT_THAT(text, ContainsRegex("status page +http://127.0.0.1:8125\n"));
  EXPECT_THAT(text, ContainsRegex("ClickHouse +http://127.0.0.1:8123\n"));
  EXPECT_THAT(text, ContainsRegex("process +42, up 10 min"));
}

TEST(ReportText, LeavesOutAddressesThatThereAreNot) {
  EXPECT_THAT(report_text(example()), Not(HasSubstr("Kafka ")));
}

TEST(ReportText, ShowsTablesWithTheirFreshness) {
  EXPECT_THAT(report_text(example()),
              ContainsRegex("users +running +17 +0 +0 +3.0 s ago\n"));
}

TEST(ReportText, ShowsUnknownOffsetsAsSuch) {
  EXPECT_THAT(report_text(example()),
              ContainsRegex("pg.users/3 +recovering +20 +\\? +\\? +\\?\n"));
}

TEST(ReportText, SaysThatNothingIsAssigned) {
  auto report = example();
  report.partitions.clear();
  EXPECT_THAT(report_text(report), HasSubstr("no partition of a topic"));
}

TEST(ReportText, ShowsTheNewestWindowsOfAGold) {
  auto report = example();
  status::gold_report gold;
  gold.name = "activity";
  gold.next_firing = at(86'400);
  for (int day = 0; day < 12; ++day) {
    status::window_report window;
    window.start = at(day * 86'400);
    window.end = at((day + 1) * 86'400);
    window.state = day == 11 ? "failed" : "done";
    window.error = day == 11 ? "memory limit" : "";
    gold.windows.push_back(window);
  }
  report.golds = {gold};
  const auto text = report_text(report);
  EXPECT_THAT(text, HasSubstr("gold activity, next run 1970-01-02T00:00:00"));
  EXPECT_THAT(text, ContainsRegex("1970-01-12T00:00:00 - 1970-01-13T00:00:00 +"
                                  "failed .*memory limit"));
  EXPECT_THAT(text, Not(HasSubstr("1970-01-02T00:00:00 - ")))
      << "older ones are in the ledger";
}

TEST(ReportText, ShowsWhichTableHoldsTheOffsetAndHowLongRetentionLeaves) {
  auto report = example();
  EXPECT_THAT(report_text(report), Not(HasSubstr("held back")));
  report.partitions[0].held = {
      {"users", 17, status::table_state::stopped, "no such table"}};
  report.partitions[0].retention_left = std::chrono::hours{5};
  EXPECT_THAT(report_text(report),
              ContainsRegex("pg.users/3 +users +stopped +17 +5 h +no such "
                            "table\n"));
}

TEST(ReportText, ShowsRestartsWithTheirReason) {
  auto report = example();
  report.restarts = {{"pg.users/3", 2, "fetch failed", at(995), {}},
                     {"coordinator", 1, "no memory", at(990), at(1004)}};
  const auto text = report_text(report);
  EXPECT_THAT(text,
              ContainsRegex("pg.users/3 +2 +5.0 s ago +runs +fetch failed\n"));
  EXPECT_THAT(
      text,
      ContainsRegex("coordinator +1 +10.0 s ago +waits 4.0 s +no memory\n"));
}

} // namespace
} // namespace sluice::cli
