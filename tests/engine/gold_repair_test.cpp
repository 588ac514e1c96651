// Which gold windows do not show what their newest run published, and the state
// that coordinators save: against ClickHouse itself.
#include <string>

#include <gmock/gmock.h>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/repair.hpp"
#include "gold/runner.hpp"
#include "gold/saved_state.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

gold::window day_of(std::string_view text) {
  const auto start = gold::parse_utc(text).value();
  return {start, start + std::chrono::days{1}};
}

} // namespace

class GoldRepair : public ::testing::Test {
protected:
  GoldRepair() {
    for (const auto* name : {"per_day", "fact", "_sluice_gold_runs"})
      run(*connection_, "DROP TABLE IF EXISTS " + std::string{name} + " SYNC");
    run(*connection_, "CREATE TABLE fact (id UInt64, at DateTime) ENGINE = "
                      "MergeTree ORDER BY id");
    gold_.name = "per_day";
    gold_.window.unit = topology::window_unit::day;
    gold_.key = {"id"};
    gold_.columns = {{"id", "UInt64", {}}};
    gold_.sql = "SELECT id FROM fact WHERE at >= {window_start} AND at < "
                "{window_end}";
    run(*connection_, gold::create_table(gold_, "main"));
    run(*connection_, gold::create_ledger("main"));
    run(*connection_,
        "INSERT INTO fact SELECT 1, toDateTime('2026-02-18 12:00:00', 'UTC')");
  }

  /// Each run begins a second after the one before, and takes 200 ms.
  void publish(const std::string& run_id) {
    gold::run_request request;
    request.what = day_;
    request.trigger = "test";
    request.run_id = run_id;
    clock_ += 1s;
    int calls = 0;
    const auto done =
        gold::run_window(*connection_, "main", gold_, request,
                         [&] { return clock_ + (calls++ == 0 ? 0ms : 200ms); });
    ASSERT_TRUE(done) << done.error().message;
  }
  /// The ledger's row of a run that began, and never told its end.
  void begin(const std::string& run_id) {
    gold::ledger_entry entry;
    entry.gold = gold_.name;
    entry.what = day_;
    entry.run_id = run_id;
    entry.started_at = clock_;
    run(*connection_, gold::insert_entry("main", entry));
  }
  void empty_the_window() {
    run(*connection_,
        "ALTER TABLE per_day DROP PARTITION '2026-02-18 00:00:00'");
  }
  std::vector<gold::window> unsound() {
    auto found = gold::find_unsound_windows(*connection_, "main", gold_);
    if (!found) {
      ADD_FAILURE() << found.error().message;
      return {};
    }
    return *found;
  }
  static std::string id(std::int64_t term, std::uint64_t count) {
    return gold::make_run_id(term, count);
  }

  const gold::window day_ = day_of("2026-02-18");
  gold::instant clock_ = gold::parse_utc("2026-02-20 12:00:00").value();
  topology::gold gold_;
  std::unique_ptr<client> connection_ = connected();
};

TEST_F(GoldRepair, AWindowThatShowsItsNewestRunIsSound) {
  publish(id(1, 1));
  publish(id(1, 2));
  publish(id(2, 1));
  EXPECT_THAT(unsound(), IsEmpty());
}

TEST_F(GoldRepair, AnOlderTermsRunOverTheNewestIsFound) {
  publish(id(2, 1));
  publish(id(1, 7));
  EXPECT_THAT(unsound(), ElementsAre(day_));
  publish(id(2, 2));
  EXPECT_THAT(unsound(), IsEmpty()) << "it was run again";
}

TEST_F(GoldRepair, AnOlderTermsRunThatEmptiedTheWindowIsFound) {
  begin(id(1, 7));
  publish(id(2, 1));
  empty_the_window();
  EXPECT_THAT(unsound(), ElementsAre(day_)) << "it may have been that one";
}

TEST_F(GoldRepair, AnOlderTermsRunThatEndedAfterTheNewestBeganIsFound) {
  publish(id(2, 1));
  run(*connection_, "TRUNCATE TABLE fact");
  publish(id(1, 7));
  EXPECT_EQ(run(*connection_, "SELECT count() FROM per_day"), "0\n");
  EXPECT_THAT(unsound(), ElementsAre(day_));
}

TEST_F(GoldRepair, APartitionThatAPersonDroppedIsSound) {
  publish(id(1, 1));
  publish(id(2, 1));
  empty_the_window();
  EXPECT_THAT(unsound(), IsEmpty());
}

TEST_F(GoldRepair, AWindowWithoutRowsIsSound) {
  run(*connection_, "TRUNCATE TABLE fact");
  begin(id(1, 7));
  publish(id(2, 1));
  EXPECT_THAT(unsound(), IsEmpty());
}

TEST_F(GoldRepair, RunsOfAnEarlierVersionAreOlderThanAnyTerm) {
  publish("20260220T120000123-5f3a9c01");
  EXPECT_THAT(unsound(), IsEmpty());
  publish(id(1, 1));
  EXPECT_THAT(unsound(), IsEmpty());
  publish("20260220T120001123-5f3a9c01");
  EXPECT_THAT(unsound(), ElementsAre(day_));
}

TEST_F(GoldRepair, RowsThatNoLedgerKnowsAreLeftAlone) {
  publish(id(1, 1));
  run(*connection_, "TRUNCATE TABLE _sluice_gold_runs");
  EXPECT_THAT(unsound(), IsEmpty());
}

TEST_F(GoldRepair, TheNewestRunOfAWindowIsTheOneOfTheGreatestId) {
  publish(id(2, 1));
  publish(id(1, 7));
  const auto runs = gold::read_newest_runs(*connection_, "main");
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ(runs->front().run_id, id(2, 1)) << "whatever the clocks say";
}

class SavedState : public ::testing::Test {
protected:
  SavedState() {
    run(*connection_, "DROP TABLE IF EXISTS _sluice_gold_state SYNC");
    run(*connection_, gold::create_state("main"));
  }
  void save(const gold::saved_state& state, const std::string& of = "shop") {
    const auto failed = gold::save_state(*connection_, "main", of, state);
    EXPECT_FALSE(failed) << failed->message;
  }
  gold::saved_state read(const std::string& of = "shop") {
    auto state = gold::read_state(*connection_, "main", of);
    if (!state) {
      ADD_FAILURE() << state.error().message;
      return {};
    }
    return *state;
  }
  void merge() { run(*connection_, "OPTIMIZE TABLE _sluice_gold_state FINAL"); }

  std::unique_ptr<client> connection_ = connected();
};

TEST_F(SavedState, IsReadAsItWasSaved) {
  EXPECT_EQ(read(), gold::saved_state{});
  const gold::saved_state state{3, 17, "{\"a\":\"'\\\\\\n\t\xc3\xa4\"}"};
  save(state);
  EXPECT_EQ(read(), state);
  EXPECT_EQ(read("other"), gold::saved_state{});
}

TEST_F(SavedState, TheNewerOfATermCounts) {
  save({3, 17, "a"});
  save({3, 18, "b"});
  EXPECT_EQ(read().text, "b");
  merge();
  EXPECT_EQ(read().text, "b");
}

TEST_F(SavedState, AnOlderTermChangesNothingHoweverFarItHasRead) {
  save({3, 17, "new log"});
  save({2, 5'000, "old log"});
  EXPECT_EQ(read().text, "new log");
  merge();
  EXPECT_EQ(read().text, "new log");
}

TEST_F(SavedState, TenThousandDirtyWindowsAreSaved) {
  const gold::saved_state state{1, 2, std::string(2'000'000, '\'')};
  save(state);
  EXPECT_EQ(read(), state);
}

} // namespace sluice::clickhouse::testing
