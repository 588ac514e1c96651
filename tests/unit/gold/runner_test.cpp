#include "gold/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_client.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

topology::gold activity() {
  topology::gold g;
  g.name = "activity";
  g.key = {"date", "user_id"};
  g.columns = {
      {"date", "Date", {}}, {"user_id", "Int32", {}}, {"total", "UInt64", {}}};
  g.sql = "SELECT 1 WHERE t >= {window_start} AND t < {window_end}";
  return g;
}

run_request request() {
  const window day{parse_utc("2026-02-20").value(),
                   parse_utc("2026-02-21").value()};
  return {day, 2, "@daily", "20260221T000000000-1", "node"};
}

/// A clock that goes on by one second at each look.
std::function<instant()> ticking() {
  return [now = instant{parse_utc("2026-02-21").value()}]() mutable {
    return now += 1s;
  };
}

auto run(scripted_client& on, const topology::gold& g = activity(),
         const run_request& what = request()) {
  return run_window(on, "db", g, what, ticking());
}

TEST(Runner, PublishesAWindowInOrder) {
  scripted_client on;
  const auto result = run(on);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->rows, 3U);
  EXPECT_EQ(result->duration, 1s);
  EXPECT_EQ(result->data_as_of, instant{1771632000123ms});
  EXPECT_EQ(result->warning, "");
  std::vector<std::string> first_words;
  for (const auto& call : on.calls)
    first_words.push_back(call.sql.substr(0, 12));
  EXPECT_EQ(first_words,
            (std::vector<std::string>{
                "INSERT INTO ", "SELECT toUni", "DESCRIBE TAB", "CREATE TABLE",
                "INSERT INTO ", "SELECT count", "SELECT count", "ALTER TABLE ",
                "ALTER TABLE ", "DROP TABLE I", "INSERT INTO "}));
  EXPECT_THAT(on.staging, IsEmpty());
}

TEST(Runner, WaitsForTheReplicasOfItsSourcesBeforeItReads) {
  scripted_client on;
  on.replicated = "order_items\norders\n";
  auto g = activity();
  g.window.over_table = "orders";
  g.joins.push_back({});
  g.joins.back().table = "order_items";
  ASSERT_TRUE(run(on, g));
  EXPECT_THAT(on.calls.at(1).sql, HasSubstr("('order_items', 'orders')"));
  EXPECT_EQ(on.calls.at(2).sql,
            "SYSTEM SYNC REPLICA `db`.`order_items` LIGHTWEIGHT");
  EXPECT_EQ(on.calls.at(3).sql,
            "SYSTEM SYNC REPLICA `db`.`orders` LIGHTWEIGHT");
  EXPECT_THAT(on.calls.at(4).sql, HasSubstr("now64"))
      << "the data are as of then";
}

TEST(Runner, PublishesNothingFromAReplicaThatDoesNotCatchUp) {
  scripted_client on;
  on.replicated = "orders\n";
  on.fails_at = 3;
  auto g = activity();
  g.window.over_table = "orders";
  EXPECT_FALSE(run(on, g));
  EXPECT_FALSE(on.published);
}

/// Of a table that tells where the window's keys are.
topology::gold over_orders(scripted_client& on) {
  on.key = "order_id\n";
  on.plan = "ReadFromMergeTree (db.orders)\nSkip\nName: _gold_created_at\n"
            "Condition: and((created_at in (-Inf, \\'1771632000\\')), "
            "(created_at in [\\'1771545600\\', +Inf)))\n";
  on.ranges = "7\t9\n20\t20\n";
  auto g = activity();
  g.window.over_table = "orders";
  g.window.over_column = "created_at";
  return g;
}

std::string fill_of(const scripted_client& on) {
  for (const auto& call : on.calls)
    if (call.sql.find("\nFROM (\n") != std::string::npos)
      return call.sql;
  return {};
}

TEST(Runner, ReadsTheKeysOfItsWindowAlone) {
  scripted_client on;
  ASSERT_TRUE(run(on, over_orders(on)));
  EXPECT_THAT(fill_of(on),
              EndsWith("\n)\nSETTINGS additional_table_filters = {'db.orders': "
                       "'(`order_id` >= \\'7\\' AND `order_id` <= \\'9\\') OR "
                       "(`order_id` >= \\'20\\' AND `order_id` <= "
                       "\\'20\\')'}"));
}

TEST(Runner, ReadsAllWhereNothingTellsThatLessWillDo) {
  for (auto scripted_client::*answer :
       {&scripted_client::key, &scripted_client::plan,
        &scripted_client::ranges}) {
    scripted_client on;
    const auto g = over_orders(on);
    (on.*answer).clear();
    ASSERT_TRUE(run(on, g));
    EXPECT_THAT(fill_of(on), EndsWith("\n)"));
  }
}

TEST(Runner, ReadsAllWhereClickHouseDoesNotAnswerHowToReadLess) {
  // Record, replicas, clock, columns; then the three questions.
  for (std::size_t n = 5; n <= 7; ++n) {
    scripted_client on;
    const auto g = over_orders(on);
    on.fails_at = n;
    const auto result = run(on, g);
    ASSERT_TRUE(result) << n << result.error().message;
    EXPECT_THAT(fill_of(on), EndsWith("\n)")) << n;
    EXPECT_TRUE(on.published);
  }
}

TEST(Runner, RecordsBeginAndOutcomeInTheLedger) {
  scripted_client on;
  ASSERT_TRUE(run(on));
  ASSERT_THAT(on.ledger, SizeIs(2));
  EXPECT_THAT(on.ledger[0], HasSubstr("'running'"));
  EXPECT_THAT(on.ledger[1], HasSubstr("'done'"));
  EXPECT_THAT(on.ledger[1], HasSubstr("1771545600"));
  EXPECT_THAT(on.ledger[1], HasSubstr("'@daily'"));
}

TEST(Runner, AClockThatIsSetBackMeanwhileStillGivesADurationToTheLedger) {
  scripted_client on;
  const auto result =
      run_window(on, "db", activity(), request(),
                 [now = instant{parse_utc("2026-02-21").value()}]() mutable {
                   return now -= 3h;
                 });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->duration, 0ms);
  EXPECT_THAT(on.ledger.at(1), Not(HasSubstr("-10800000")));
}

TEST(Runner, SelectsInUtcOverFinalRowsWithinItsTime) {
  scripted_client on;
  auto g = activity();
  g.timeout = 1500ms;
  ASSERT_TRUE(run(on, g));
  const auto& fill = on.calls.at(4);
  EXPECT_THAT(fill.sql, HasSubstr("toDateTime64('2026-02-20 00:00:00'"));
  // Also the column that ClickHouse names with its table.
  EXPECT_THAT(fill.sql, HasSubstr("accurateCast(`u.user_id`, 'Int32')"));
  EXPECT_THAT(fill.query_id, HasSubstr("20260221T000000000-1"));
  EXPECT_GT(fill.timeout, g.timeout);
  const clickhouse::settings wanted = {{"final", "1"},
                                       {"session_timezone", "UTC"},
                                       {"insert_null_as_default", "0"},
                                       {"max_execution_time", "2"}};
  EXPECT_EQ(fill.options, wanted);
}

// The n-th call fails, for every n: the old result stays unless the new one is
// there whole, no staging table is left, and the ledger says what happened.
TEST(Runner, SurvivesTheFailureOfEachOfItsCalls) {
  scripted_client whole;
  ASSERT_TRUE(run(whole));
  const auto replace_call = std::size_t{8};
  for (std::size_t n = 1; n <= whole.calls.size(); ++n) {
    scripted_client on;
    on.fails_at = n;
    const auto result = run(on);
    EXPECT_EQ(result.has_value(), n > replace_call) << n;
    EXPECT_EQ(on.published, n > replace_call) << n;
    if (!result) {
      EXPECT_EQ(result.error().code, 999) << n;
      ASSERT_FALSE(on.ledger.empty()) << n;
      EXPECT_THAT(on.ledger.back(), HasSubstr("'failed'")) << n;
      EXPECT_THAT(on.ledger.back(), HasSubstr("'told to'")) << n;
    } else {
      EXPECT_NE(result->warning, "") << n;
    }
    const auto drop_failed = n == 10;
    EXPECT_EQ(on.staging.empty(), !drop_failed) << n;
  }
}

TEST(Runner, SurvivesAClickHouseThatIsGoneFromTheNthCallOn) {
  for (std::size_t n = 1; n <= 11; ++n) {
    scripted_client on;
    on.fails_at = n;
    on.fails_from_there_on = true;
    on.failure.what = clickhouse::remedy::retry;
    const auto result = run(on);
    EXPECT_EQ(result.has_value(), n > 8) << n;
    EXPECT_LE(on.calls.size(), 15U) << n;
  }
}

TEST(Runner, WritesTheLedgerAgainWhenThatMayHelp) {
  scripted_client on;
  on.fails_at = 1;
  on.failure.what = clickhouse::remedy::retry;
  const auto result = run(on);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(on.ledger, SizeIs(2));
}

TEST(Runner, RefusesAKeyThatOccursTwiceAndKeepsTheOldResult) {
  scripted_client on;
  on.duplicate = "2\t(\\'2026-02-20\\',7)\n";
  const auto result = run(on);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, clickhouse::remedy::reject);
  EXPECT_THAT(result.error().message,
              HasSubstr("the key ('2026-02-20',7) 2 times"));
  EXPECT_THAT(result.error().message, HasSubstr("date, user_id"));
  EXPECT_FALSE(on.published);
  EXPECT_THAT(on.staging, IsEmpty());
  EXPECT_THAT(on.ledger.back(), HasSubstr("2 times"));
}

TEST(Runner, RefusesAResultWithoutADeclaredColumn) {
  scripted_client on;
  on.columns = "date\tDate\nuser_id\tInt32\n";
  const auto result = run(on);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, clickhouse::remedy::stop);
  EXPECT_THAT(result.error().message, HasSubstr("no column total"));
  EXPECT_FALSE(on.published);
}

TEST(Runner, RefusesSqlWithAnUnknownPlaceholderBeforeAnythingIsDone) {
  scripted_client on;
  auto g = activity();
  g.sql = "SELECT {window_strat}";
  const auto result = run(on, g);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("{window_start}"));
  ASSERT_THAT(on.calls, SizeIs(1));
  EXPECT_THAT(on.calls[0].sql, HasSubstr("'failed'"));
}

TEST(Runner, RefusesAWindowThatNoDateTimeCanHold) {
  scripted_client on;
  auto what = request();
  what.what = {parse_utc("1969-12-31").value(),
               parse_utc("1970-01-01").value()};
  const auto result = run(on, activity(), what);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("1970"));
  EXPECT_THAT(on.calls, IsEmpty());
}

TEST(Runner, FailsOnAnswersThatAreNoNumbers) {
  for (const auto* broken : {"", "x\n", "-1.5\n"}) {
    scripted_client clock;
    clock.clock = broken;
    EXPECT_FALSE(run(clock)) << broken;
    scripted_client count;
    count.rows = broken;
    EXPECT_FALSE(run(count)) << broken;
    EXPECT_FALSE(count.published);
  }
}

TEST(Runner, AGoldWithoutKeyMayRepeatRows) {
  scripted_client on;
  on.duplicate = "2\t()\n";
  auto g = activity();
  g.key.clear();
  EXPECT_TRUE(run(on, g));
}

TEST(Runner, SweepDropsWhatCrashedRunsLeft) {
  class leftovers final : public clickhouse::client {
  public:
    std::vector<std::string> sql;
    tl::expected<std::string, clickhouse::error>
    query(const clickhouse::query_request& request) override {
      sql.push_back(request.sql);
      return sql.size() == 1 ? "_sluice_gold_staging_a_1\n"
                               "_sluice_gold_staging_b`\\\\_2\n"
                             : "";
    }
    tl::expected<void, clickhouse::error>
    insert(const clickhouse::insert_request&) override {
      return {};
    }
  } on;
  EXPECT_EQ(sweep_staging(on, "db", 3600s), 2U);
  EXPECT_THAT(on.sql.at(0), HasSubstr("now() - 3600"));
  EXPECT_THAT(on.sql.at(1), HasSubstr("`db`.`_sluice_gold_staging_a_1`"));
  EXPECT_THAT(on.sql.at(2), HasSubstr("_b\\`\\\\_2`"));
}

TEST(Runner, SweepReportsWhatItCannotDo) {
  scripted_client on;
  on.fails_at = 1;
  const auto result = sweep_staging(on, "db", 0s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, 999);
}

TEST(Runner, RunIdsSortByTimeAndDiffer) {
  const instant first{parse_utc("2026-02-21 00:00:00").value() + 7ms};
  EXPECT_THAT(make_run_id(first), HasSubstr("20260221T000000007-"));
  EXPECT_LT(make_run_id(first), make_run_id(first + 1ms));
  EXPECT_NE(make_run_id(first), make_run_id(first));
}

} // namespace
} // namespace sluice::gold
