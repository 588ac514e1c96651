#include "plan/migration.hpp"

#include <map>

#include <gmock/gmock.h>

#include "gold/ddl.hpp"
#include "tests/unit/plan/example.hpp"
#include "tests/unit/plan/fake_clickhouse.hpp"

namespace sluice::plan {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* users = "user_id\tInt32\t1\nfull_name\tString\t0\n"
                              "updated_at\tDateTime64(6)\t0\n"
                              "name_length\tUInt64\t0\nregion\tString\t0\n"
                              "_partition\tInt32\t0\n_offset\tInt64\t0\n"
                              "_epoch\tUInt16\t0\n_version\tUInt64\t0\n"
                              "_deleted\tUInt8\t0\n";
constexpr const char* events = "event_id\tString\t0\nuser_id\tInt32\t1\n"
                               "timestamp\tDateTime64(3)\t1\n"
                               "metadata\tString\t0\nkafka_offset\tInt64\t0\n"
                               "_partition\tInt32\t0\n_offset\tInt64\t0\n"
                               "_epoch\tUInt16\t0\n";

class Migration : public testing::Test {
protected:
  Migration() : what_{read_example()}, tables_{lay_out_example(what_)} {}

  /// A ClickHouse with the database (or not) and these rows of system.columns.
  std::unique_ptr<clickhouse::client>
  with(bool database, std::map<std::string, std::string> columns) {
    return std::make_unique<fake_clickhouse>(
        [this, database, columns](const clickhouse::query_request& request) {
          if (request.sql.find("system.databases") != std::string::npos)
            return answer{database ? "shop\n" : ""};
          if (request.sql.find("system.columns") != std::string::npos) {
            EXPECT_EQ(parameter(request, "database"), "shop");
            const auto found = columns.find(parameter(request, "table"));
            return answer{found == columns.end() ? "" : found->second};
          }
          if (request.sql.find("sorting_key") != std::string::npos)
            return answer{"user_id\n"};
          if (request.sql.find("data_skipping_indices") != std::string::npos) {
            EXPECT_EQ(parameter(request, "table"), "events");
            return answer{indexes_};
          }
          return answer{""};
        },
        asked_);
  }

  std::string gold_columns() const {
    std::string result;
    for (const auto& column : gold::visible_columns(what_.golds[0]))
      result += column.name + '\t' + column.type + "\t0\n";
    return result + "_window\tDateTime('UTC')\t0\n_run\tString\t0\n";
  }

  topology::topology what_;
  layouts tables_;
  std::vector<std::string> asked_;
  /// Of the events, which are sorted by the user first.
  std::string indexes_ = "_origin\n_gold_timestamp\n";
};

TEST_F(Migration, CreatesEverythingInAnEmptyClickHouse) {
  const auto on = with(false, {});
  const auto plan = plan_migration(*on, what_, tables_);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->missing,
              ElementsAre("database shop", "table users", "table events",
                          "table activity", "table _sluice_gold_runs",
                          "table _sluice_gold_state"));
  EXPECT_EQ(plan->creations, create_statements(what_, tables_));
  EXPECT_THAT(plan->changes, IsEmpty());
}

TEST_F(Migration, ChangesNothingWhilePlanning) {
  const auto on = with(false, {});
  ASSERT_TRUE(plan_migration(*on, what_, tables_));
  EXPECT_THAT(asked_, Each(StartsWith("SELECT")));
}

TEST_F(Migration, LeavesWhatIsThereAlone) {
  const auto on = with(true, {{"users", users},
                              {"events", events},
                              {"activity", gold_columns()},
                              {"_sluice_gold_runs", "gold\tString\t1\n"},
                              {"_sluice_gold_state", "state\tString\t0\n"}});
  const auto plan = plan_migration(*on, what_, tables_);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->missing, IsEmpty());
  EXPECT_THAT(plan->changes, IsEmpty());
}

TEST_F(Migration, AddsTheIndexByWhichAGoldRunFindsItsRows) {
  indexes_ = "_origin\n";
  const auto on = with(true, {{"users", users}, {"events", events}});
  const auto plan = plan_migration(*on, what_, tables_);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->changes,
              ElementsAre(HasSubstr("`events` ADD INDEX IF NOT EXISTS "
                                    "`_gold_timestamp` `timestamp`"),
                          HasSubstr("`events` MATERIALIZE INDEX "
                                    "`_gold_timestamp`")));
}

TEST_F(Migration, DoesNotNeedTheRightToCreateADatabaseThatExists) {
  const auto on = with(true, {});
  ASSERT_TRUE(apply(*on, what_, tables_));
  EXPECT_THAT(asked_, Each(Not(HasSubstr("CREATE DATABASE"))));
}

TEST_F(Migration, AddsAMissingColumnAndReturnsTheStatement) {
  auto fewer = std::string{users};
  const std::string name = "full_name\tString\t0\n";
  fewer.erase(fewer.find(name), name.size());
  const auto on = with(true, {{"users", fewer}, {"events", events}});
  const auto done = apply(*on, what_, tables_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(*done, ElementsAre(HasSubstr("ADD COLUMN IF NOT EXISTS "
                                           "`full_name` String")));
  EXPECT_EQ(asked_.back(), done->front());
}

TEST_F(Migration, AddsTheEpochToTablesOfAnEarlierVersion) {
  const auto without_epoch = [](std::string columns) {
    const std::string epoch = "_epoch\tUInt16\t0\n";
    return columns.erase(columns.find(epoch), epoch.size());
  };
  const auto on = with(true, {{"users", without_epoch(users)},
                              {"events", without_epoch(events)},
                              {"activity", gold_columns()},
                              {"_sluice_gold_runs", "gold\tString\t1\n"},
                              {"_sluice_gold_state", "state\tString\t0\n"}});
  const auto plan = plan_migration(*on, what_, tables_);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->missing, IsEmpty());
  EXPECT_THAT(plan->changes,
              ElementsAre("ALTER TABLE `shop`.`users` ADD COLUMN IF NOT EXISTS "
                          "`_epoch` UInt16 DEFAULT 0 AFTER `_offset`",
                          "ALTER TABLE `shop`.`events` ADD COLUMN IF NOT "
                          "EXISTS `_epoch` UInt16 DEFAULT 0 AFTER `_offset`"));
}

TEST_F(Migration, ChangesNothingWhenOneTableCannotBeMigrated) {
  auto other = std::string{users};
  other.replace(other.find("Int32"), 5, "Int64");
  auto foreign = std::string{"id\tInt32\t1\n"};
  const auto on = with(true, {{"users", other}, {"events", foreign}});
  const auto done = apply(*on, what_, tables_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, clickhouse::remedy::stop);
  EXPECT_THAT(done.error().message, HasSubstr("user_id"));
  EXPECT_THAT(done.error().message, HasSubstr("events"));
  EXPECT_THAT(done.error().message, Not(HasSubstr("\n")));
  EXPECT_THAT(asked_, Each(StartsWith("SELECT")));
}

TEST_F(Migration, PassesOnWhatClickHouseRefuses) {
  fake_clickhouse on{
      [](const auto&) { return refusal(516, "Authentication failed"); },
      asked_};
  const auto done = apply(on, what_, tables_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, 516);
  EXPECT_EQ(asked_.size(), 1U) << "a refused client asks no more";
}

TEST_F(Migration, EndsAtTheFirstStatementThatFails) {
  fake_clickhouse on{[](const clickhouse::query_request& request) {
                       return request.sql.starts_with("SELECT")
                                  ? answer{""}
                                  : refusal(497, "Not enough privileges");
                     },
                     asked_};
  const auto done = apply(on, what_, tables_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, 497);
  EXPECT_THAT(asked_.back(), StartsWith("CREATE DATABASE"));
}

TEST_F(Migration, RefusesAnAnswerThatIsNotClickHouses) {
  fake_clickhouse on{[](const auto&) { return answer{"<html>\n"}; }, asked_};
  const auto done = apply(on, what_, tables_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, clickhouse::remedy::stop);
  EXPECT_THAT(done.error().message, HasSubstr("address"));
}

} // namespace
} // namespace sluice::plan
