// Gold windows by a calendar, against ClickHouse's own.
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/runner.hpp"
#include "gold/window_rule.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

using namespace std::chrono_literals;

class GoldWindow : public ::testing::Test {
protected:
  /// Events every quarter of an hour from `first` on, whose ids are the
  /// quarters since 1970; their time in three types.
  void make_events(std::string_view first, int quarters) {
    run(*connection_, "DROP TABLE IF EXISTS event SYNC");
    run(*connection_,
        "CREATE TABLE event (id UInt64, at DateTime64(3), plain "
        "DateTime('Asia/Tokyo'), day Date) ENGINE = MergeTree ORDER BY id");
    run(*connection_,
        "INSERT INTO event SELECT toUInt32(toDateTime('" + std::string{first}
            + "', 'UTC')) / 900 + number AS id, toDateTime(id * 900), "
              "toDateTime(id * 900), toDate(toDateTime(id * 900), '"
            + zone_ + "') FROM numbers(" + std::to_string(quarters) + ")");
  }

  topology::gold daily() {
    topology::gold result;
    result.name = "per_day";
    result.timezone = zone_;
    result.window.unit = topology::window_unit::day;
    result.key = {"day"};
    result.columns = {{"day", "Date", {}},
                      {"events", "UInt64", {}},
                      {"first", "UInt64", {}},
                      {"last", "UInt64", {}},
                      {"start", "Date", {}}};
    return result;
  }

  [[nodiscard]] std::string sql_over(const std::string& column) const {
    return "SELECT toDate(at, '" + zone_
           + "') AS day, count() AS events, min(id) AS first, max(id) AS last, "
             "toDate({window_start}) AS start FROM event WHERE "
           + column + " >= {window_start} AND " + column
           + " < {window_end} GROUP BY day";
  }

  /// Runs the windows that [from, to) touches.
  void run_windows(const topology::gold& of, std::string_view from,
                   std::string_view to) {
    run(*connection_, "DROP TABLE IF EXISTS per_day SYNC");
    run(*connection_, gold::create_table(of, "main"));
    run(*connection_, gold::create_ledger("main"));
    const auto rule = gold::window_rule::make(of).value();
    const auto now = [] {
      return std::chrono::floor<std::chrono::milliseconds>(
          std::chrono::system_clock::now());
    };
    for (const auto& each : rule.touching(gold::parse_utc(from).value(),
                                          gold::parse_utc(to).value())) {
      gold::run_request request;
      request.what = each;
      request.trigger = "test";
      request.run_id = gold::make_run_id(now());
      const auto done =
          gold::run_window(*connection_, "main", of, request, now);
      ASSERT_TRUE(done) << done.error().message;
    }
  }

  std::string zone_ = "Europe/Berlin";
  std::unique_ptr<client> connection_ = connected();
};

TEST_F(GoldWindow, DaysOf23And25HoursHaveExactlyTheirRows) {
  for (const auto* column : {"at", "plain", "day"}) {
    auto gold = daily();
    gold.sql = sql_over(column);
    // The clocks are changed on 29 March.
    make_events("2026-03-27 00:00:00", 4 * 24 * 5);
    run_windows(gold, "2026-03-28 12:00:00", "2026-03-30 12:00:00");
    EXPECT_EQ(
        run(*connection_,
            "SELECT day, events, toDateTime(first * 900, 'UTC'), "
            "toDateTime(last * 900, 'UTC') FROM per_day WHERE day = start "
            "ORDER BY day"),
        "2026-03-28\t96\t2026-03-27 23:00:00\t2026-03-28 22:45:00\n"
        "2026-03-29\t92\t2026-03-28 23:00:00\t2026-03-29 21:45:00\n"
        "2026-03-30\t96\t2026-03-29 22:00:00\t2026-03-30 21:45:00\n")
        << column;
    make_events("2026-10-23 00:00:00", 4 * 24 * 5);
    run_windows(gold, "2026-10-25 12:00:00", "2026-10-25 13:00:00");
    EXPECT_EQ(run(*connection_, "SELECT day, events FROM per_day"),
              "2026-10-25\t100\n")
        << column;
  }
}

TEST_F(GoldWindow, DatesAreOfTheZoneWestOfUtcToo) {
  zone_ = "America/New_York";
  for (const auto* column : {"at", "plain", "day"}) {
    auto gold = daily();
    gold.sql = sql_over(column);
    make_events("2026-03-06 00:00:00", 4 * 24 * 5);
    run_windows(gold, "2026-03-07 12:00:00", "2026-03-09 12:00:00");
    EXPECT_EQ(run(*connection_,
                  "SELECT day, events FROM per_day WHERE day = start ORDER BY "
                  "day"),
              "2026-03-07\t96\n2026-03-08\t92\n2026-03-09\t96\n")
        << column;
  }
}

TEST_F(GoldWindow, HoppingWindowsStandBesideOneAnother) {
  make_events("2026-03-27 00:00:00", 96);
  topology::gold gold = daily();
  gold.timezone = "UTC";
  gold.window.unit = topology::window_unit::fixed;
  gold.window.every = 2h;
  gold.window.hop = 1h;
  gold.sql = sql_over("at");
  run_windows(gold, "2026-03-27 02:00:00", "2026-03-27 04:00:00");
  run_windows(gold, "2026-03-27 02:00:00", "2026-03-27 04:00:00");
  EXPECT_EQ(
      run(*connection_, "SELECT _window, events FROM per_day ORDER BY _window"),
      "2026-03-27 01:00:00\t8\n2026-03-27 02:00:00\t8\n"
      "2026-03-27 03:00:00\t8\n");
}

TEST_F(GoldWindow, DaysBeginWhereClickHouseLetsThemBegin) {
  for (const std::string zone :
       {"Europe/Berlin", "America/New_York", "Asia/Kathmandu",
        "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca",
        "America/Sao_Paulo", "Asia/Beirut", "America/Havana"}) {
    zone_ = zone;
    const auto rule = gold::window_rule::make(daily()).value();
    auto expected = std::string{};
    auto day =
        rule.newest_containing(gold::parse_utc("2012-01-01 12:00").value());
    for (int i = 0; i < 365 * 25; ++i, day = rule.next(day))
      expected += std::to_string(day.start.time_since_epoch().count()) + "\n";
    EXPECT_EQ(run(*connection_,
                  "SELECT toUnixTimestamp(toDateTime(toDate('2012-01-01') + "
                  "number, '"
                      + zone + "')) FROM numbers(9125)"),
              expected)
        << zone;
  }
}

} // namespace sluice::clickhouse::testing
