#include "status/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "status/page.hpp"

namespace sluice::status {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

report whole_report() {
  report of;
  of.at = instant{1771632000123ms};
  of.node = {"host-7",
             "0.1.0",
             "commerce",
             "commerce.yaml",
             7,
             instant{1771545600000ms},
             "127.0.0.1:9092",
             "embedded",
             8123,
             "http://127.0.0.1:8125",
             "/var/lib/sluice"};
  of.health = {health_state::degraded, {"table users is stopped: <no>"}};
  of.partitions = {{"postgres.public.users",
                    3,
                    partition_state::throttled,
                    40,
                    30,
                    100,
                    70,
                    1234,
                    "slow & steady",
                    {{"events", 30, table_state::paused, "by a person"}},
                    3h}};
  of.tables = {{"users", table_state::stopped, 3, 1, 2, 1,
                instant{1771631999000ms}, "type mismatch"},
               {"events", table_state::running, 5, 0, 0, 0, std::nullopt, ""}};
  of.golds = {
      {"gold_user_activity",
       instant{1771718400000ms},
       instant{1771632000000ms},
       7,
       {{"gold_user_activity", instant{1771545600000ms},
         instant{1771632000000ms}, "retrying", 2, 3, instant{1771632001000ms},
         instant{1771632300000ms}, "memory"}}}};
  of.restarts = {{"users/3", 4, "broker gone", instant{1771631990000ms},
                  instant{1771632020000ms}}};
  return of;
}

TEST(Report, ComesBackFromItsJson) {
  const auto text = to_json(whole_report());
  const auto back = from_json(text);
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(to_json(*back), text);
  EXPECT_EQ(back->partitions.at(0).state, partition_state::throttled);
  EXPECT_EQ(back->tables.at(1).last_write, std::nullopt);
  EXPECT_EQ(back->golds.at(0).windows.at(0).next_run, instant{1771632300000ms});
  EXPECT_EQ(back->node.clickhouse_port, 8123);
  EXPECT_EQ(back->partitions.at(0).held.at(0).state, table_state::paused);
  EXPECT_EQ(back->partitions.at(0).retention_left, 3h);
  EXPECT_EQ(back->restarts.at(0).next, instant{1771632020000ms});
  EXPECT_THAT(text, HasSubstr("\"version\":1"));
}

TEST(Report, ReadsEveryStateThatItWrites) {
  auto of = whole_report();
  for (auto state : {health_state::starting, health_state::running,
                     health_state::degraded, health_state::stopping}) {
    of.health.state = state;
    EXPECT_EQ(from_json(to_json(of)).value().health.state, state);
  }
  for (auto state : {partition_state::recovering, partition_state::running,
                     partition_state::throttled, partition_state::draining,
                     partition_state::stopped}) {
    of.partitions[0].state = state;
    EXPECT_EQ(from_json(to_json(of)).value().partitions[0].state, state);
  }
  for (auto state : {table_state::running, table_state::retrying,
                     table_state::paused, table_state::stopped}) {
    of.tables[0].state = state;
    EXPECT_EQ(from_json(to_json(of)).value().tables[0].state, state);
  }
}

TEST(Report, IgnoresMembersThatItDoesNotKnow) {
  const auto back =
      from_json(R"({"version":1,"new":[1],"node":{"id":"n","newer":{}}})");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->node.id, "n");
  EXPECT_TRUE(back->tables.empty());
}

TEST(Report, SaysWhyItCannotBeRead) {
  const auto error = [](std::string_view text) {
    const auto result = from_json(text);
    return result ? "read" : result.error();
  };
  EXPECT_THAT(error("{"), HasSubstr("not JSON"));
  EXPECT_THAT(error(""), HasSubstr("not JSON"));
  EXPECT_THAT(error("[]"), HasSubstr("object"));
  EXPECT_THAT(error("{}"), HasSubstr("version 0"));
  EXPECT_THAT(error(R"({"version":2})"), HasSubstr("version 2"));
  EXPECT_THAT(error(R"({"version":"1"})"), HasSubstr("version"));
  EXPECT_THAT(error(R"({"version":1,"tables":{}})"), HasSubstr("tables"));
  EXPECT_THAT(error(R"({"version":1,"tables":[{"rows_written":-1}]})"),
              HasSubstr("rows_written"));
  EXPECT_THAT(error(R"({"version":1,"tables":[{"state":"odd"}]})"),
              HasSubstr("unknown state 'odd'"));
  EXPECT_THAT(error(R"({"version":1,"node":{"clickhouse_port":70000}})"),
              HasSubstr("out of range"));
  EXPECT_THAT(error(R"({"version":1,"node":{"id":7}})"), HasSubstr("id"));
  EXPECT_THAT(error(R"({"version":1,"at":1.5})"), HasSubstr("whole number"));
}

TEST(Report, SurvivesBytesThatAreNoText) {
  auto of = whole_report();
  of.tables[0].reason = "bad \xff\xfe bytes";
  EXPECT_TRUE(from_json(to_json(of)));
}

TEST(Report, IsReadyWhileSomePartWorks) {
  report of;
  EXPECT_FALSE(is_ready(of));
  of.health.state = health_state::running;
  EXPECT_TRUE(is_ready(of));
  of.health.state = health_state::degraded;
  EXPECT_TRUE(is_ready(of));
  of.health.state = health_state::stopping;
  EXPECT_FALSE(is_ready(of));
}

TEST(Report, WritesTimesInIso8601) {
  EXPECT_EQ(to_string(instant{1771598047005ms}), "2026-02-20T14:34:07.005Z");
}

TEST(StatusPage, ShowsNodeTablesLagAndWindows) {
  const auto page = status_page(whole_report());
  for (const auto* part :
       {"commerce", "host-7", "degraded", "users", "events",
        "postgres.public.users", "<td class=\"number\">70</td>",
        "gold_user_activity", "2026-02-20T00:00:00.000Z", "retrying",
        "broker gone", "2026-02-21T00:00:20.000Z", "http-equiv=\"refresh\""})
    EXPECT_THAT(page, HasSubstr(part));
}

TEST(StatusPage, ShowsWhichTableHoldsTheOffsetAndHowLongRetentionLeaves) {
  auto of = whole_report();
  EXPECT_THAT(status_page(of),
              AllOf(HasSubstr("held back"),
                    HasSubstr("<td class=\"number\">30</td><td>3 h</td>"
                              "<td>by a person</td>")));
  of.partitions[0].held.clear();
  EXPECT_THAT(status_page(of), Not(HasSubstr("held back")));
}

TEST(Report, SaysHowLongRetentionLeaves) {
  EXPECT_EQ(retention_text(std::nullopt), "?");
  EXPECT_EQ(retention_text(90min), "1 h");
  EXPECT_EQ(retention_text(0ms), "nothing");
  EXPECT_EQ(retention_text(-1h), "nothing");
}

TEST(StatusPage, EscapesWhatComesFromOutside) {
  auto of = whole_report();
  of.node.pipeline = "<script>alert('x')</script>";
  of.tables[0].name = "a\"b&c";
  const auto page = status_page(of);
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
  EXPECT_THAT(page, HasSubstr("a&quot;b&amp;c"));
  EXPECT_THAT(page, HasSubstr("stopped: &lt;no&gt;"));
}

TEST(StatusPage, NeedsNothingFromElsewhere) {
  const auto page = status_page(whole_report());
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
}

TEST(StatusPage, OfAnEmptyReportSaysSo) {
  const auto page = status_page({});
  EXPECT_THAT(page, HasSubstr("none yet"));
  EXPECT_THAT(page, HasSubstr("none assigned"));
}

} // namespace
} // namespace sluice::status
