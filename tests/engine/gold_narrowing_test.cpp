// Gold runs that read only the keys of their window: they read little, and
// their results are those of the same SQL over the whole table.
#include <string>

#include <gmock/gmock.h>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/runner.hpp"
#include "tests/engine/look_back_fixture.hpp"

namespace sluice::clickhouse::testing {

namespace {

/// 400 days of 500 rows, ids in the order of their times; and, in one small
/// block, changes of rows of all days.
constexpr int rows_stored = 400 * 500;

gold::window day_of(std::string_view text) {
  const auto start = gold::parse_utc(text).value();
  return {start, start + std::chrono::days{1}};
}

std::string replaced(std::string text, const std::string& what,
                     const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what))
    text.replace(at, what.size(), by);
  return text;
}

} // namespace

class GoldNarrowing : public ::testing::Test {
protected:
  GoldNarrowing() {
    auto layout = lay_out(
        "orders", {{"id", key_type_}, {"at", "DateTime64(6)"}, {"n", "Int64"}},
        {"id"});
    layout.table.settings = {{"index_granularity", "256"}};
    layout.sought_columns = {"at"};
    for (const auto* name : {"orders", "per_day", "_sluice_gold_runs"})
      run(*connection_,
          std::string{"DROP TABLE IF EXISTS "}.append(name).append(" SYNC"));
    run(*connection_, silver::create_table(layout, "main"));
    run(*connection_, "SYSTEM STOP MERGES orders");
    gold_.name = "per_day";
    gold_.window.unit = topology::window_unit::day;
    gold_.window.over_table = "orders";
    gold_.window.over_column = "at";
    gold_.key = {"start"};
    gold_.columns = {{"start", "DateTime", {}},
                     {"orders", "UInt64", {}},
                     {"total", "Int64", {}}};
    run(*connection_, gold::create_table(gold_, "main"));
    run(*connection_, gold::create_ledger("main"));
    insert("number", "number * 86400 / 500", "number", 1, 0,
           "numbers(" + std::to_string(rows_stored) + ")");
    insert("number * 500 + 7", "number * 86400 + 7 * 86400 / 500", "-1", 2, 0,
           "numbers(400)");
  }

  /// Rows of `from` with these values; the time in seconds since 2025.
  void insert(const std::string& id, const std::string& seconds,
              const std::string& n, int version, int deleted,
              const std::string& from) {
    run(*connection_, "INSERT INTO orders SELECT " + id
                          + ", toDateTime64('2025-01-01 00:00:00', 6, 'UTC') + "
                            "toIntervalSecond("
                          + seconds + "), " + n
                          + ", -1, rowNumberInAllBlocks(), 0, "
                          + std::to_string(version) + ", "
                          + std::to_string(deleted) + " FROM " + from);
  }

  std::uint64_t rows_read() {
    return std::stoull(run(*connection_, "SELECT sum(value) FROM system.events "
                                         "WHERE event = 'SelectedRows'"));
  }

  /// The rows that the run read.
  std::uint64_t publish(const gold::window& what) {
    const auto before = rows_read();
    gold::run_request request;
    request.what = what;
    request.trigger = "test";
    request.run_id = gold::make_run_id(1, ++runs_);
    const auto done = gold::run_window(*connection_, "main", gold_, request,
                                       [] { return gold::instant{}; });
    EXPECT_TRUE(done) << done.error().message;
    return rows_read() - before;
  }

  /// The window's row in gold, and that of the SQL over all of silver.
  void expect_exact(const gold::window& what) {
    auto sql = replaced(gold_.sql, "{window_start}", seconds_of(what.start));
    sql = replaced(sql, "{window_end}", seconds_of(what.end));
    EXPECT_EQ(run(*connection_, "SELECT start, orders, total FROM per_day "
                                "WHERE start = "
                                    + seconds_of(what.start)),
              run(*connection_, sql
                                    + " SETTINGS final = 1, "
                                      "use_skip_indexes = 0"));
  }

  static std::string seconds_of(std::chrono::sys_seconds when) {
    return "toDateTime(" + std::to_string(when.time_since_epoch().count())
           + ", 'UTC')";
  }

  std::string key_type_ = "Int64";
  std::unique_ptr<client> connection_ = connected();
  topology::gold gold_;
  std::uint64_t runs_ = 0;
  const std::string head_ = "SELECT {window_start} AS start, count() AS "
                            "orders, sum(n) AS total FROM orders WHERE ";
  const std::string within_ = "at >= {window_start} AND at < {window_end}";
};

TEST_F(GoldNarrowing, AWindowReadsLittleOfATableWithChangesOfAllAges) {
  gold_.sql = head_ + within_;
  const auto day = day_of("2025-05-05");
  EXPECT_LT(publish(day), rows_stored / 10U);
  expect_exact(day);
}

TEST_F(GoldNarrowing, RowsThatMoveComeOrGoAreSeen) {
  gold_.sql = head_ + within_;
  const auto day = day_of("2025-05-05"); // Day 124.
  insert("10", "124 * 86400 + 60", "1000", 3, 0, "system.one");
  insert("150000", "124 * 86400 + 61", "10000", 3, 0, "system.one");
  insert("62001", "300 * 86400", "100000", 3, 0, "system.one");
  insert("62002", "124 * 86400", "0", 3, 1, "system.one");
  insert("999999", "124 * 86400 + 62", "1000000", 3, 0, "system.one");
  EXPECT_LT(publish(day), rows_stored / 10U);
  expect_exact(day);
  EXPECT_EQ(run(*connection_, "SELECT orders FROM per_day"), "501\n");
}

TEST_F(GoldNarrowing, SqlThatReadsMoreThanTheWindowSeesTheWholeTable) {
  const auto day = day_of("2025-05-05");
  const std::vector<std::string> conditions = {
      "at < {window_end} AND {window_start} > 0",
      within_ + " OR id = 3",
      "at >= {window_start} - INTERVAL 7 DAY AND at < {window_end}",
      within_ + " OR n > (SELECT max(id) - 10 FROM orders)",
      within_ + " AND n < (SELECT max(id) - 1000 FROM orders)",
      within_ + " AND id + 500 IN (SELECT id FROM orders)"};
  for (const auto& condition : conditions) {
    gold_.sql = head_ + condition;
    publish(day);
    expect_exact(day);
  }
}

TEST_F(GoldNarrowing, ATableIsNarrowedWhereverItIsRead) {
  gold_.sql = "WITH day AS (SELECT id, n FROM orders WHERE " + within_
              + ") SELECT {window_start} AS start, count() AS orders, sum(n) "
                "AS total FROM day WHERE id IN (SELECT id FROM day WHERE n > "
                "0)";
  const auto day = day_of("2025-05-05");
  EXPECT_LT(publish(day), rows_stored / 5U);
  expect_exact(day);
}

TEST_F(GoldNarrowing, AWindowWithoutRowsIsEmpty) {
  gold_.sql = head_ + within_ + " HAVING orders > 0";
  publish(day_of("2027-05-05"));
  EXPECT_EQ(run(*connection_, "SELECT count() FROM per_day"), "0\n");
}

} // namespace sluice::clickhouse::testing
