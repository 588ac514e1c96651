// The reset of a table, against the inserts that are under way meanwhile.
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "plan/table_reset.hpp"
#include "silver/ddl.hpp"
#include "silver/table_layout.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class TableReset : public ::testing::TestWithParam<topology::table_mode> {
protected:
  TableReset() {
    auto table = topology::table{};
    table.name = "again";
    table.mode = GetParam();
    table.columns.resize(1);
    table.columns[0].name = "id";
    table.columns[0].type = "Int64";
    table.order_by = {"id"};
    if (is_latest())
      table.key = {"id"};
    layout_ = silver::lay_out(table).value();
    run(*connection_, "DROP TABLE IF EXISTS again SYNC");
    run(*connection_, silver::create_table(layout_, "main"));
  }

  static bool is_latest() { return GetParam() == topology::table_mode::latest; }

  /// `seconds`: how long the statement runs once it has begun.
  static std::string insertion(int rows, int epoch, double seconds = 0) {
    return "INSERT INTO main.again (id, _partition, _offset, _epoch"
           + std::string{is_latest() ? ", _version, _deleted" : ""}
           + ") SELECT number, 0, number, " + std::to_string(epoch)
           + (is_latest() ? ", number, 0" : "") + " FROM (SELECT number, "
           + "sleepEachRow(" + std::to_string(seconds / rows)
           + ") AS s FROM numbers(" + std::to_string(rows)
           + ")) WHERE s = 0 SETTINGS insert_deduplicate = 0";
  }
  void insert(int rows, int epoch) {
    run(*connection_, insertion(rows, epoch));
  }

  plan::table_life life() {
    return plan::read_table_life(*connection_, "main", "again").value();
  }
  plan::emptied_table reset(std::uint16_t epoch,
                            std::string_view by = "box-1") {
    const auto done =
        plan::empty_table(*connection_, "main", "again", epoch, by);
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(plan::emptied_table{});
  }
  int count() {
    return std::stoi(run(*connection_, "SELECT count() FROM main.again"));
  }
  error refusal_of(const std::string& sql) {
    const auto done = connection_->query(request_of(sql));
    EXPECT_FALSE(done);
    return done ? error{} : done.error();
  }

  std::unique_ptr<client> connection_ = connected();
  silver::table_layout layout_;
};

TEST_P(TableReset, TheLifeOfATableIsRead) {
  EXPECT_EQ(life().least_epoch, 0);
  EXPECT_EQ(life().rows, 0U);
  insert(3, 2);
  EXPECT_EQ(life().greatest_epoch, 2);
  EXPECT_EQ(life().rows, 3U);
  reset(4);
  EXPECT_EQ(life().least_epoch, 4);
  EXPECT_EQ(life().greatest_epoch, 0);
  EXPECT_EQ(life().rows, 0U);
}

TEST_P(TableReset, RowsOfTheFormerLifeAreRefusedByName) {
  insert(3, 0);
  reset(2);
  EXPECT_EQ(count(), 0);
  const auto refused = refusal_of(insertion(3, 1));
  EXPECT_EQ(refused.code, 469);
  EXPECT_TRUE(is_of_former_life(refused.code, refused.message))
      << refused.message;
  EXPECT_EQ(refused.what, remedy::stop);
  EXPECT_FALSE(refused.outcome_unknown);
  insert(3, 2);
  EXPECT_EQ(count(), 3);
}

TEST_P(TableReset, AnInsertThatRunsMeanwhileLeavesNoRow) {
  insert(3, 0);
  auto late = std::async(std::launch::async, [] {
    return connected()->query(request_of(insertion(6, 0, 2.4)));
  });
  const auto running = [this] {
    return run(*connection_, "SELECT count() FROM system.processes WHERE query "
                             "LIKE 'INSERT INTO main.again%'")
           == "1\n";
  };
  for (auto i = 0; i < 100 && !running(); ++i)
    std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(running());
  std::this_thread::sleep_for(300ms);
  reset(2);
  EXPECT_TRUE(running()) << "it has not waited for the insert";
  EXPECT_EQ(count(), 0);
  insert(3, 2);
  const auto outcome = late.get();
  const auto refused = outcome ? error{} : outcome.error();
  EXPECT_TRUE(outcome || is_of_former_life(refused.code, refused.message))
      << refused.message;
  EXPECT_EQ(count(), 3);
}

TEST_P(TableReset, KeepsEverythingElseOfTheTable) {
  const auto about = [this] {
    return run(*connection_, "SELECT engine_full, sorting_key FROM "
                             "system.tables WHERE database = 'main' AND name = "
                             "'again'");
  };
  const auto columns = [this] {
    return run(*connection_, "SELECT name, type, default_expression FROM "
                             "system.columns WHERE database = 'main' AND table "
                             "= 'again'");
  };
  const auto engine = about();
  const auto before = columns();
  reset(2);
  reset(4);
  EXPECT_EQ(about(), engine);
  EXPECT_EQ(columns(), before);
  EXPECT_THAT(engine, HasSubstr("non_replicated_deduplication_window = 10000"));
  EXPECT_EQ(run(*connection_, "SELECT count() FROM system.tables WHERE name "
                              "LIKE 'again%'"),
            "1\n");
}

TEST_P(TableReset, WhatIsWrittenInItsEpochAlreadyIsNotTouched) {
  reset(2);
  insert(3, 3);
  EXPECT_TRUE(reset(2).overtaken) << "somebody else has reset it so";
  EXPECT_TRUE(reset(3).overtaken) << "somebody writes in that epoch";
  EXPECT_EQ(count(), 3);
  EXPECT_FALSE(reset(4).overtaken);
  EXPECT_EQ(count(), 0);
}

TEST_P(TableReset, WhatAnotherResetHasLeftGoes) {
  insert(3, 0);
  run(*connection_, "CREATE TABLE main.again_sluice_reset_2_box_7 AS "
                    "main.again");
  reset(2);
  EXPECT_EQ(run(*connection_, "SELECT count() FROM system.tables WHERE name "
                              "LIKE 'again%'"),
            "1\n");
}

TEST_P(TableReset, SeveralAtATimeLeaveOneLifeForEachEpoch) {
  insert(3, 0);
  constexpr auto at_a_time = 3;
  std::vector<std::future<bool>> all;
  for (auto i = 0; i < at_a_time; ++i)
    all.push_back(std::async(std::launch::async, [i] {
      const auto done = plan::empty_table(*connected(), "main", "again", 2,
                                          "box-" + std::to_string(i));
      return done && !done->overtaken;
    }));
  auto succeeded = 0;
  for (auto& each : all)
    succeeded += each.get() ? 1 : 0;
  EXPECT_LE(succeeded, 1);
  EXPECT_EQ(life().least_epoch, succeeded == 1 ? 2 : 0);
  EXPECT_FALSE(reset(4).overtaken);
  EXPECT_EQ(run(*connection_, "SELECT count() FROM system.tables WHERE name "
                              "LIKE 'again%'"),
            "1\n");
}

TEST_P(TableReset, ATableThatIsNotThereIsNamed) {
  const auto missing = plan::read_table_life(*connection_, "main", "other");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, remedy::stop);
  EXPECT_THAT(missing.error().message, HasSubstr("does not exist"));
}

INSTANTIATE_TEST_SUITE_P(InBothModes, TableReset,
                         ::testing::Values(topology::table_mode::latest,
                                           topology::table_mode::append),
                         [](const auto& about) {
                           return std::string{
                               about.param == topology::table_mode::latest
                                   ? "Latest"
                                   : "Append"};
                         });

} // namespace sluice::clickhouse::testing
