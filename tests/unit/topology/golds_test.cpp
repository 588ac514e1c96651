// gold:.
#include <filesystem>
#include <fstream>

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::mistakes_in;
using testing::read_valid;
using testing::smallest;
using testing::with_gold;
using namespace std::chrono_literals;

namespace {

const std::string window = "    window: {every: 1h, over: t.at}\n";
const std::string rest =
    "    key: [id]\n"
    "    columns: {id: Int64, n: UInt64}\n"
    "    sql: SELECT id, count() AS n FROM t WHERE at >= {window_start} AND at "
    "< {window_end} GROUP BY id\n";

/// A valid gold table and more lines, from line 12 on.
std::string gold_with(const std::string& lines) {
  return with_gold(window + rest + lines);
}

std::string gold_with_window(const std::string& text) {
  return with_gold("    window: " + text + "\n" + rest);
}

gold read_gold(const std::string& yaml) {
  auto read = read_valid(yaml);
  if (read.golds.size() != 1) {
    ADD_FAILURE() << yaml;
    return {};
  }
  return read.golds.front();
}

} // namespace

TEST(ReadGolds, DefaultsAreFilledIn) {
  const auto read = read_gold(gold_with(""));
  EXPECT_EQ(read.name, "g");
  EXPECT_EQ(read.where.line, 7);
  EXPECT_EQ(read.window.every, 1h);
  EXPECT_EQ(read.window.lateness, 0s);
  EXPECT_EQ(read.window.start, std::nullopt);
  EXPECT_EQ(read.window.over_table, "t");
  EXPECT_EQ(read.window.over_column, "at");
  EXPECT_THAT(read.trigger, IsEmpty());
  EXPECT_FALSE(read.catchup);
  EXPECT_EQ(read.retry, gold_retry{});
  EXPECT_EQ(read.timeout, 10min);
}

TEST(ReadGolds, TakesWhatIsGiven) {
  const auto read = read_gold(
      with_gold("    window: {every: 1 day, over: t.at, lateness: 10 minutes,\n"
                "             start: '2026-02-18T06:00:00+02:00'}\n"
                "    trigger: ['@daily', every 6h, 5 0 * * mon]\n"
                "    catchup: true\n"
                "    retry: {attempts: 0, delay: 0}\n"
                "    timeout: 30s\n"
                + rest));
  EXPECT_EQ(read.window.every, 24h);
  EXPECT_EQ(read.window.lateness, 10min);
  EXPECT_EQ(read.window.start, std::chrono::sys_days{2026y / 2 / 18} + 4h);
  EXPECT_THAT(read.trigger, ElementsAre("@daily", "every 6h", "5 0 * * mon"));
  EXPECT_TRUE(read.catchup);
  EXPECT_EQ(read.retry.attempts, 0);
  EXPECT_EQ(read.retry.delay, 0ms);
  EXPECT_EQ(read.timeout, 30s);
  ASSERT_EQ(read.columns.size(), 2U);
  EXPECT_EQ(read.columns[1].name, "n");
  EXPECT_EQ(read.columns[1].type, "UInt64");
}

TEST(ReadGolds, GoldMayStandBeforeTheTables) {
  const auto yaml = gold_with("");
  const auto at = yaml.find("gold:");
  EXPECT_THAT(mistakes_in(yaml.substr(at) + yaml.substr(0, at)), IsEmpty());
}

TEST(ReadGolds, WhatIsRequiredIsAskedFor) {
  EXPECT_THAT(mistakes_in(smallest + "gold:\n  g:\n"),
              ElementsAre("7:3: missing key 'window' in gold 'g'",
                          "7:3: missing key 'key' in gold 'g'",
                          "7:3: missing key 'columns' in gold 'g'",
                          "7:3: missing key 'sql' in gold 'g'"));
  EXPECT_THAT(mistakes_in(gold_with_window("{}")),
              ElementsAre("8:5: missing key 'every' in 'window' of gold 'g'",
                          "8:5: missing key 'over' in 'window' of gold 'g'"));
}

TEST(ReadGolds, GoldAndSilverShareTheirNames) {
  EXPECT_THAT(
      mistakes_in(smallest + "gold:\n  t:\n" + window + rest),
      ElementsAre(
          "7:3: gold 't' has the name of the table in line 3: both would "
          "be one table in ClickHouse"));
}

TEST(ReadGolds, WindowsAreOverATimeOfASilverTable) {
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 1h, over: at}")),
              ElementsAre(HasSubstr("8:31: 'over' in 'window' of gold 'g' must "
                                    "be TABLE.COLUMN, but 'at'")));
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 1h, over: tt.at}")),
              ElementsAre(HasSubstr("names the table 'tt', which is not under "
                                    "'tables': did you mean 't'?")));
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 1h, over: t.att}")),
              ElementsAre(HasSubstr("names 'att', which is no column of 't': "
                                    "did you mean 'at'?")));
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 1h, over: t.id}")),
              ElementsAre(HasSubstr("names 't.id', which is 'Int64' and no "
                                    "Date")));
}

TEST(ReadGolds, RowsOutsideOfAllWindowsAreCountedOrQuarantined) {
  EXPECT_EQ(read_gold(gold_with("")).window.outside, on_outside::count);
  EXPECT_EQ(read_gold(gold_with_window(
                          "{every: 1h, over: t.at, outside: quarantine}"))
                .window.outside,
            on_outside::quarantine);
  EXPECT_THAT(mistakes_in(gold_with_window(
                  "{every: 1h, over: t.at, outside: quarantin}")),
              ElementsAre(HasSubstr("'outside' in 'window' of gold 'g' is "
                                    "'quarantin'")));
}

TEST(ReadGolds, OnlyTimesThatAreReadFromTheRecordCanBeQuarantined) {
  const auto with_time = [](const std::string& column) {
    auto yaml =
        gold_with_window("{every: 1h, over: t.at, outside: quarantine}");
    const std::string plain = "at: DateTime";
    return yaml.replace(yaml.find(plain), plain.size(), "at: " + column);
  };
  EXPECT_THAT(mistakes_in(with_time("{type: DateTime, from: a.b}")), IsEmpty());
  EXPECT_THAT(
      mistakes_in(with_time("{type: DateTime, computed: toDateTime(id)}")),
      ElementsAre(HasSubstr("'quarantine' needs event times that are read from "
                            "the record, but 't.at' is computed by "
                            "ClickHouse")));
  EXPECT_THAT(mistakes_in(with_time("{type: DateTime, constant: '7'}")),
              ElementsAre(HasSubstr("'t.at' is constant")));
}

TEST(ReadGolds, WindowLengthsAreWholePositiveSeconds) {
  EXPECT_THAT(
      mistakes_in(gold_with_window("{every: 0s, over: t.at}")),
      ElementsAre(HasSubstr("8:21: 'every' in 'window' of gold 'g' must "
                            "be from 1s to 3660 days")));
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 1500ms, over: t.at}")),
              ElementsAre(HasSubstr("must be whole seconds")));
  EXPECT_THAT(mistakes_in(gold_with_window("{every: 2 months, over: t.at}")),
              ElementsAre(HasSubstr("must be a duration with its unit")));
  EXPECT_THAT(
      mistakes_in(gold_with_window("{every: 1h, over: t.at, lateness: soon}")),
      ElementsAre(HasSubstr("'lateness' in 'window' of gold 'g' must be a "
                            "duration")));
}

TEST(ReadGolds, OneDayWeekOrMonthIsOfTheCalendar) {
  const auto unit_of = [](const std::string& every) {
    return read_gold(gold_with_window("{every: " + every + ", over: t.at}"))
        .window.unit;
  };
  for (const auto* text : {"day", "1 day", "1day", "1d", "1 days"})
    EXPECT_EQ(unit_of(text), window_unit::day) << text;
  for (const auto* text : {"week", "1 week", "1w"})
    EXPECT_EQ(unit_of(text), window_unit::week) << text;
  for (const auto* text : {"month", "1 month"})
    EXPECT_EQ(unit_of(text), window_unit::month) << text;
  for (const auto* text : {"24h", "7 days", "2 weeks", "1m", "1h"})
    EXPECT_EQ(unit_of(text), window_unit::fixed) << text;
  for (const auto* text : {"d", "1", "days", "1 Day", "day 1", "-1 day"})
    EXPECT_THAT(mistakes_in(gold_with_window("{every: " + std::string{text}
                                             + ", over: t.at}")),
                ElementsAre(HasSubstr("must be a duration with its unit")))
        << text;
}

TEST(ReadGolds, HopsDivideAFixedWindow) {
  const auto hop_of = [](const std::string& window) {
    return read_gold(gold_with_window("{over: t.at, " + window + "}"))
        .window.hop;
  };
  EXPECT_EQ(hop_of("every: 1h"), 0s);
  EXPECT_EQ(hop_of("every: 1h, hop: 15 minutes"), 15min);
  EXPECT_EQ(hop_of("every: 1h, hop: 1h"), 0s);
  const auto wrong = [](const std::string& window, const std::string& message) {
    EXPECT_THAT(
        mistakes_in(gold_with_window("{over: t.at, " + window + "}")),
        ElementsAre(HasSubstr("'hop' in 'window' of gold 'g' " + message)));
  };
  wrong("every: 1h, hop: 25 minutes",
        "must divide 'every', 1h, but 25 minutes stands there");
  wrong("every: 1h, hop: 2h", "must divide 'every'");
  wrong("every: 1001s, hop: 1s",
        "must not put an event into more than 1000 windows");
  wrong("every: 1h, hop: 0s", "must be from 1s");
  wrong("every: day, hop: 1h", "needs windows of a fixed length");
}

TEST(ReadGolds, TimeZonesAreNames) {
  EXPECT_EQ(read_gold(gold_with("")).timezone, "UTC");
  EXPECT_EQ(
      read_gold(gold_with("    timezone: America/Port-au-Prince\n")).timezone,
      "America/Port-au-Prince");
  for (const auto* text : {"'+02:00'", "/etc/passwd", "Europe Berlin", "../x"})
    EXPECT_THAT(
        mistakes_in(gold_with("    timezone: " + std::string{text} + "\n")),
        ElementsAre(HasSubstr("12:15: 'timezone' in gold 'g' must be the name "
                              "of a time zone such as Europe/Berlin")))
        << text;
}

TEST(ReadGolds, AStartIsADate) {
  EXPECT_TRUE(read_gold(gold_with_window("{every: 1h, over: t.at, start: "
                                         "2026-02-18}"))
                  .window.start_is_date);
  EXPECT_FALSE(read_gold(gold_with_window("{every: 1h, over: t.at, start: "
                                          "'2026-02-18T00:00:00Z'}"))
                   .window.start_is_date);

  EXPECT_THAT(
      mistakes_in(
          gold_with_window("{every: 1h, over: t.at, start: 18.2.2026}")),
      ElementsAre(HasSubstr("8:44: 'start' in 'window' of gold 'g' must be a "
                            "date from 1970 to 2105 such as 2026-02-18")));
}

TEST(ReadGolds, TriggersAreSchedules) {
  EXPECT_THAT(
      mistakes_in(gold_with("    trigger: ['@dayly', '60 * * * *', x]\n")),
      ElementsAre(HasSubstr("12:15: 'trigger' in gold 'g': '@dayly' is not a "
                            "known schedule: did you mean '@daily'?"),
                  HasSubstr("12:25: 'trigger' in gold 'g': '60 * * * *' has a "
                            "cron field '60'"),
                  HasSubstr("12:39: 'trigger' in gold 'g': 'x' is not a "
                            "schedule")));
}

TEST(ReadGolds, TheKeyIsOfItsColumns) {
  const auto with_key = [](const std::string& key) {
    return with_gold(window + "    key: " + key
                     + "\n    columns: {id: Int64, _updated_at: DateTime}\n"
                       "    sql: SELECT {window_start}, {window_end}\n");
  };
  EXPECT_THAT(mistakes_in(with_key("id")), IsEmpty());
  EXPECT_THAT(mistakes_in(with_key("[id, di]")),
              ElementsAre("9:15: 'key' in gold 'g' names 'di', which is no "
                          "column of it: did you mean 'id'?"));
  EXPECT_THAT(mistakes_in(with_key("[]")),
              ElementsAre(HasSubstr("9:10: 'key' in gold 'g' is empty")));
  EXPECT_THAT(mistakes_in(with_key("[id, _updated_at]")),
              ElementsAre(HasSubstr("names '_updated_at', which changes with "
                                    "every run")));
}

TEST(ReadGolds, ColumnsAreNamesAndTypes) {
  EXPECT_THAT(
      mistakes_in(
          with_gold(window
                    + "    key: a\n"
                      "    columns: {a: [x], _run: String, b-c: Int8}\n"
                      "    sql: SELECT {window_start}, {window_end}\n")),
      ElementsAre(
          "10:18: column 'a' of gold 'g' must be a ClickHouse type, but a "
          "list stands there",
          HasSubstr("10:23: the name of column '_run' of gold 'g' must "
                    "not be one of _window, _run"),
          HasSubstr("10:37: the name of column 'b-c' of gold 'g' must "
                    "consist of")));
}

TEST(ReadGolds, TheSqlMustReadOnlyItsWindow) {
  EXPECT_THAT(
      mistakes_in(with_gold(window
                            + "    key: a\n    columns: {a: Int8}\n"
                              "    sql: SELECT 1 AS a WHERE {window_strt}\n")),
      ElementsAre(
          HasSubstr("11:10: 'sql' in gold 'g' has an unknown placeholder "
                    "'{window_strt}': did you mean 'window_start'?"),
          HasSubstr("11:10: 'sql' in gold 'g' must contain "
                    "{window_end}")));
}

TEST(ReadGolds, TheSqlMayStandInAFileOfItsOwn) {
  const auto directory =
      std::filesystem::path{::testing::TempDir()} / "sluice_sql_test";
  std::filesystem::create_directories(directory);
  const std::string sql = "SELECT 1 AS a WHERE {window_start} < {window_end}";
  std::ofstream{directory / "g.sql"} << sql << "\n";
  const auto read =
      read_text(with_gold(window
                          + "    key: a\n    columns: {a: Int8}\n"
                            "    sql: {file: g.sql}\n"),
                (directory / "t.yaml").string(), environment_of({}));
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->golds.at(0).sql, sql);
}

TEST(ReadGolds, RetriesAndTimeoutsHaveTheirRange) {
  EXPECT_THAT(
      mistakes_in(gold_with("    retry: {attempts: -1, delay: 2 days, x: 1}\n"
                            "    timeout: 0s\n"
                            "    catchup: maybe\n"
                            "    deadline: 5s\n")),
      ElementsAre(
          HasSubstr("12:23: 'attempts' in 'retry' of gold 'g' must be a whole "
                    "number from 0 to 100, but '-1'"),
          HasSubstr(
              "12:34: 'delay' in 'retry' of gold 'g' must be from 0s to 1 "
              "day, but '2 days'"),
          HasSubstr("12:42: unknown key 'x' in 'retry' of gold 'g'"),
          HasSubstr("13:14: 'timeout' in gold 'g' must be from 1s to 1 day"),
          HasSubstr("14:14: 'catchup' in gold 'g' must be true or false"),
          HasSubstr("15:5: unknown key 'deadline' in gold 'g'")));
}

} // namespace sluice::topology
