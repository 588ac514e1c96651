#include "plan/insert_check.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"
#include "tests/unit/plan/fake_clickhouse.hpp"

namespace sluice::plan {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* good_window =
    "SETTINGS non_replicated_deduplication_window = 10000, "
    "replicated_deduplication_window = 10000, "
    "replicated_deduplication_window_seconds = 604800";

class InsertCheck : public testing::Test {
protected:
  InsertCheck() : what_{read_example()} {}

  void table(const std::string& name, const std::string& engine,
             const std::string& settings, const std::string& statement = "") {
    tables_ += "shop\t" + name + "\tu-" + name + '\t' + engine + '\t' + engine
               + " ORDER BY a " + settings + '\t' + statement + '\n';
  }

  void view(const std::string& of, const std::string& name,
            const std::string& to) {
    table(name, "MaterializedView", "",
          "CREATE MATERIALIZED VIEW shop." + name + " TO shop." + to
              + " AS SELECT 1");
    views_ += "shop\t" + of + "\tshop\t" + name + '\n';
  }

  tl::expected<insert_findings, clickhouse::error> found() {
    fake_clickhouse on{
        [this](const clickhouse::query_request& request) {
          if (request.sql == "SELECT 1") {
            options_ = request.options;
            return probe_;
          }
          if (request.sql.find("ARRAY JOIN") != std::string::npos)
            return answer{views_};
          if (request.sql.find("merge_tree_settings") != std::string::npos)
            return answer{"non_replicated_deduplication_window\t0\n"
                          "replicated_deduplication_window\t1000\n"
                          "replicated_deduplication_window_seconds\t100\n"};
          return answer{tables_};
        },
        asked_};
    return check_inserts(on, what_,
                         {{"pg.public.users", 4}, {"mongo.shop.events", 64}});
  }

  topology::topology what_;
  std::string tables_;
  std::string views_;
  answer probe_{"1\n"};
  clickhouse::settings options_;
  std::vector<std::string> asked_;
};

TEST_F(InsertCheck, HasNothingToSayOfTablesAsSluiceMakesThem) {
  table("users", "ReplacingMergeTree", good_window);
  table("events", "ReplicatedMergeTree", good_window);
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->mistakes, IsEmpty());
  EXPECT_THAT(result->warnings, IsEmpty());
}

TEST_F(InsertCheck, HasNothingToSayOfAnEmptyClickHouse) {
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->mistakes, IsEmpty());
  EXPECT_THAT(result->warnings, IsEmpty());
}

TEST_F(InsertCheck, AsksWithEverySettingThatAnInsertPins) {
  ASSERT_TRUE(found());
  clickhouse::insert_request none;
  none.deduplication_token = "sluice/check";
  EXPECT_EQ(options_, clickhouse::insert_settings(none));
}

TEST_F(InsertCheck, RefusesAProfileThatForbidsAPinnedSetting) {
  for (const auto code : {115, 164, 452}) {
    probe_ = refusal(code, "Code: 452. DB::Exception: Setting async_insert "
                           "should not be changed. (X) (version 25)");
    const auto result = found();
    ASSERT_TRUE(result) << code;
    EXPECT_THAT(result->mistakes,
                ElementsAre(AllOf(HasSubstr("user writer forbids"),
                                  HasSubstr("async_insert should not"))));
  }
}

TEST_F(InsertCheck, SaysWhyClickHouseCouldNotBeAsked) {
  probe_ = refusal(0, "connection refused", clickhouse::remedy::retry);
  const auto result = found();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "connection refused");
  EXPECT_EQ(asked_.size(), 1U) << "one failed question is enough";
}

TEST_F(InsertCheck, RefusesAWindowSmallerThanWhatIsInFlight) {
  table("users", "ReplacingMergeTree",
        "SETTINGS non_replicated_deduplication_window = 7");
  table("events", "MergeTree", ""); // the server's default: 0
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(
      result->mistakes,
      ElementsAre(AllOf(HasSubstr("table users in ClickHouse: non_replicated_"
                                  "deduplication_window = 7 is smaller than "
                                  "the 8 blocks"),
                        HasSubstr("at least 3008"),
                        HasSubstr("ALTER TABLE shop.users MODIFY SETTING")),
                  HasSubstr("table events in ClickHouse: non_replicated_"
                            "deduplication_window = 0 is smaller than the 128 "
                            "blocks")));
}

TEST_F(InsertCheck, WarnsOfAWindowThatARequestMayOutlive) {
  table("users", "ReplacingMergeTree",
        "SETTINGS non_replicated_deduplication_window = 8");
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->mistakes, IsEmpty());
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("make it 3008 or more")));
}

TEST_F(InsertCheck, LooksAtTheReplicatedWindowsOfReplicatedTables) {
  table("users", "SharedReplacingMergeTree",
        "SETTINGS non_replicated_deduplication_window = 10000, "
        "replicated_deduplication_window = 4");
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(
      result->mistakes,
      ElementsAre(
          HasSubstr("replicated_deduplication_window = 4 is smaller"),
          HasSubstr("replicated_deduplication_window_seconds = 100 is shorter "
                    "than a request may take (5 minutes)")));
}

TEST_F(InsertCheck, WarnsOfViewsWhoseTargetHasNoWindow) {
  table("users", "ReplacingMergeTree", good_window);
  table("fine", "MergeTree", good_window);
  table("bare", "MergeTree", "");
  table("log", "StripeLog", "");
  table("nothing", "Null", "");
  view("users", "v1", "fine");
  view("fine", "v2", "bare");
  view("users", "v3", "log");
  view("users", "v4", "nothing");
  view("nothing", "v5", "users"); // in a circle
  const auto result = found();
  ASSERT_TRUE(result);
  EXPECT_THAT(result->mistakes, IsEmpty());
  EXPECT_THAT(result->warnings,
              ElementsAre(AllOf(HasSubstr("view shop.v2 of table users writes "
                                          "to shop.`bare`, which has no"),
                                HasSubstr("written there twice")),
                          AllOf(HasSubstr("view shop.v3 of table users"),
                                HasSubstr("engine StripeLog"))));
}

TEST_F(InsertCheck, RefusesAnAnswerThatIsNotClickHouses) {
  tables_ = "<html>\n";
  const auto result = found();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, clickhouse::remedy::stop);
}

TEST(WindowSettings, AreRefusedWhereTheTopologyMakesThemTooSmall) {
  auto what = read_example();
  what.tables[0].settings["non_replicated_deduplication_window"] = "7";
  what.tables[0].settings["replicated_deduplication_window_seconds"] = "60";
  what.tables[1].settings["replicated_deduplication_window"] = "128";
  const partition_counts counts{{"pg.public.users", 4},
                                {"mongo.shop.events", 64}};
  const auto found = check_window_settings(what, counts);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].where.line, what.tables[0].where.line);
  EXPECT_THAT(found[0].message,
              HasSubstr("'settings' of table 'users': non_replicated_"
                        "deduplication_window = 7 is smaller than the 8"));
  EXPECT_THAT(found[1].message, HasSubstr("shorter than a request"));
}

} // namespace
} // namespace sluice::plan
