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
              [=](const clickhouse::query_request& request) {
                if (request.sql.find(part) != std::string::npos)
                  return refusal(code, message);
                if (request.sql.starts_with("DESCRIBE"))
                  return answer{"user_id\tInt32\ntotal_events\tUInt64\n"};
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

TEST(PlainWords, DropTheCodeTheVersionAndLineBreaks) {
  EXPECT_EQ(plain_words("Code: 60. DB::Exception: Table a\ndoes not exist. "
                        "(UNKNOWN_TABLE) (version 24.8.4.1)"),
            "Table a does not exist. (UNKNOWN_TABLE)");
  EXPECT_EQ(plain_words("connection refused."), "connection refused");
  EXPECT_EQ(plain_words(""), "");
}

} // namespace
} // namespace sluice::plan
