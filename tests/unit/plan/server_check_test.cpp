#include "plan/server_check.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"
#include "tests/unit/plan/fake_clickhouse.hpp"

namespace sluice::plan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ServerCheck : public testing::Test {
protected:
  ServerCheck() : what_{read_example()} {}

  /// Checks against a ClickHouse that refuses statements with `part` in them.
  server_findings refusing(const std::string& part, int code,
                           const std::string& message) {
    return check_on_server(
        [&](const std::string&) {
          return std::make_unique<fake_clickhouse>(
              [=, this](const clickhouse::query_request& request) {
                if (request.sql.find(part) != std::string::npos)
                  return refusal(code, message);
                if (request.sql.starts_with("DESCRIBE"))
                  return answer{"user_id\tInt32\ntotal_events\tUInt64\n"};
                if (request.sql.starts_with("EXPLAIN QUERY TREE"))
                  return answer{tree_};
                if (request.sql.starts_with("EXPLAIN ESTIMATE"))
                  return answer{estimate_};
                if (request.sql.starts_with("SELECT toUnixTimestamp64Milli"))
                  return answer{"1771545600000\n"};
                if (request.sql.starts_with("SELECT count() FROM"))
                  return answer{"0\n"};
                return answer{""};
              },
              asked_);
        },
        what_, lay_out_example(what_));
  }

  topology::topology what_;
  std::vector<std::string> asked_;
  std::string tree_ = R"(QUERY id: 0
  PROJECTION
    LIST id: 1, nodes: 2
      COLUMN id: 2, column_name: user_id, result_type: Int32, source_id: 3
      FUNCTION id: 4, function_name: count, function_type: aggregate
  JOIN TREE
    TABLE id: 3, alias: __table1, table_name: shop.events
  GROUP BY
    LIST id: 5, nodes: 1
      COLUMN id: 6, column_name: user_id, result_type: Int32, source_id: 3
)";
  std::string estimate_;
};

TEST_F(ServerCheck, NamesTheColumnWhoseExpressionIsWrong) {
  const auto found =
      refusing("CAST((length(full_name)", 47,
               "Code: 47. DB::Exception: Unknown identifier: fullname. "
               "(UNKNOWN_IDENTIFIER) (version 26.5.1.1)");
  ASSERT_EQ(found.mistakes.size(), 1U);
  EXPECT_EQ(found.mistakes[0].where.line,
            what_.tables[0].columns[3].where.line);
  EXPECT_EQ(found.mistakes[0].message,
            "ClickHouse refuses the column name_length of table users: Unknown "
            "identifier: fullname. (UNKNOWN_IDENTIFIER)");
}

TEST_F(ServerCheck, NamesTheTableWhoseFilterIsWrong) {
  const auto found = refusing("WHERE (user_id > 0", 62, "Syntax error");
  ASSERT_EQ(found.mistakes.size(), 1U);
  EXPECT_THAT(found.mistakes[0].message,
              StartsWith("ClickHouse refuses the filter of table users"));
}

TEST_F(ServerCheck, NamesTheGoldWhoseSqlIsWrong) {
  const auto found = refusing("DESCRIBE", 47, "Unknown identifier");
  ASSERT_EQ(found.mistakes.size(), 1U);
  EXPECT_EQ(found.mistakes[0].where.line, what_.golds[0].where.line);
  EXPECT_THAT(found.mistakes[0].message, HasSubstr("SQL of gold activity"));
}

TEST_F(ServerCheck, DoesNotRunGoldOverTablesThatAreNotThere) {
  const auto found =
      refusing("CREATE TABLE IF NOT EXISTS `shop`.`events`", 36, "Bad");
  ASSERT_EQ(found.mistakes.size(), 1U);
  EXPECT_THAT(asked_, Not(Contains(StartsWith("DESCRIBE"))));
}

TEST_F(ServerCheck, CannotCheckSqlThatReadsTheUsersOtherTables) {
  const auto found =
      refusing("DESCRIBE", 81, "Code: 81. DB::Exception: No database crm");
  EXPECT_THAT(found.mistakes, IsEmpty());
  EXPECT_THAT(found.unchecked, ElementsAre(HasSubstr("gold activity")));
}

TEST_F(ServerCheck, ReportsATableThatThePipelinesOwnDatabaseDoesNotHave) {
  const auto found =
      refusing("DESCRIBE", 60, "Table shop.event does not exist");
  ASSERT_EQ(found.mistakes.size(), 1U);
  EXPECT_THAT(found.unchecked, IsEmpty());
}

TEST_F(ServerCheck, LeavesOutWhatOnlyAClusterHas) {
  what_.tables[0].engine = "ReplicatedReplacingMergeTree('/a', 'b', _version)";
  what_.tables[1].settings["storage_policy"] = "cold";
  const auto found = refusing("ReplicatedReplacing", 1, "no Keeper");
  EXPECT_THAT(found.mistakes, IsEmpty());
  EXPECT_THAT(found.unchecked, ElementsAre(HasSubstr("needs a cluster"),
                                           HasSubstr("storage_policy")));
  EXPECT_THAT(asked_, Not(Contains(HasSubstr("cold"))));
}

constexpr auto refuses_nothing = "no such statement";

TEST_F(ServerCheck, FindsNothingInASelectThatKeepsToItsWindow) {
  const auto found = refusing(refuses_nothing, 0, "");
  EXPECT_THAT(found.mistakes, IsEmpty());
  EXPECT_THAT(found.warnings, IsEmpty());
  EXPECT_THAT(found.unchecked, IsEmpty());
}

TEST_F(ServerCheck, WarnsOfRowsOutsideTheWindowWithThePositionOfTheGold) {
  estimate_ = "shop\tevents\t1\t1\t1\n";
  const auto found = refusing(refuses_nothing, 0, "");
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_EQ(found.warnings[0].where.line, what_.golds[0].where.line);
  EXPECT_EQ(found.warnings[0].file, "shop.yaml");
  EXPECT_EQ(found.warnings[0].message,
            "the SQL of gold activity reads rows of events whose timestamp is "
            "before {window_start}, and at {window_end} or later, as far as "
            "ClickHouse can tell: when these change, the window is not run "
            "again. Where events is read, write  WHERE timestamp >= "
            "{window_start} AND timestamp < {window_end}");
}

TEST_F(ServerCheck, PutsTheOverTableBackWhenTheQuestionFails) {
  const auto found = refusing("EXPLAIN ESTIMATE", 1, "no such thing");
  EXPECT_THAT(found.warnings, IsEmpty());
  EXPECT_THAT(found.unchecked,
              ElementsAre("whether the SQL of gold activity keeps to its "
                          "window was not looked at: no such thing"));
  EXPECT_EQ(std::ranges::count(asked_, "EXCHANGE TABLES `shop`.`events` AND "
                                       "`shop`.`_sluice_check_window`"),
            2);
}

TEST_F(ServerCheck, SaysWhatItDidNotLookAt) {
  tree_ = "";
  const auto found = refusing(refuses_nothing, 0, "");
  EXPECT_THAT(found.mistakes, IsEmpty());
  EXPECT_THAT(found.unchecked,
              ElementsAre("which tables the SQL of gold activity reads, and "
                          "whether a key can come twice, was not looked at: "
                          "EXPLAIN QUERY TREE shows no tree"));
}

TEST(PlainWords, DropTheCodeTheVersionAndLineBreaks) {
  EXPECT_EQ(plain_words("Code: 60. DB::Exception: Table a\ndoes not exist. "
                        "(UNKNOWN_TABLE) (version 24.8.4.1)"),
            "Table a does not exist. (UNKNOWN_TABLE)");
  EXPECT_EQ(plain_words("connection refused."), "connection refused");
  EXPECT_EQ(plain_words(""), "");
}

} // namespace
} // namespace sluice::plan
