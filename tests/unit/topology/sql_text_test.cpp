#include "topology/sql_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::topology {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

const std::string bounds = " WHERE t >= {window_start} AND t < {window_end}";

} // namespace

TEST(SqlText, QuotedTextAndCommentsAreBlankedOut) {
  EXPECT_EQ(without_quoted("a 'b' c"), "a     c");
  EXPECT_EQ(without_quoted("'it''s' x"), "        x");
  EXPECT_EQ(without_quoted("'a\\'b' x"), "       x");
  EXPECT_EQ(without_quoted("`a b` \"c\""), "         ");
  EXPECT_EQ(without_quoted("a -- b\nc"), "a     \nc");
  EXPECT_EQ(without_quoted("a /* b */ c"), "a         c");
  EXPECT_EQ(without_quoted("a - b / c"), "a - b / c");
}

TEST(SqlText, WhatDoesNotEndIsNoSql) {
  for (const auto* text : {"'a", "'a\\'", "\"", "`", "/* a", "/*/", "'\\"})
    EXPECT_EQ(without_quoted(text), std::nullopt) << text;
}

TEST(SqlText, ColumnNamesAreFoundInExpressions) {
  EXPECT_THAT(column_names("toYYYYMM(timestamp)"), ElementsAre("timestamp"));
  EXPECT_THAT(column_names("(a, b)"), ElementsAre("a", "b"));
  EXPECT_THAT(column_names("toStartOfInterval(ts, INTERVAL 1 day)"),
              ElementsAre("ts"));
  EXPECT_THAT(column_names("cityHash64 (id) % 16"), ElementsAre("id"));
  EXPECT_THAT(column_names("if(x = 'y', 1, 2)"), ElementsAre("x"));
  EXPECT_THAT(column_names("tuple.1"), ElementsAre("tuple"));
}

TEST(SqlText, NothingIsSaidWhereNamesCannotBeTold) {
  EXPECT_THAT(column_names("arrayMap(x -> x + 1, a)"), IsEmpty());
  EXPECT_THAT(column_names("'unfinished"), IsEmpty());
}

TEST(SqlText, AQueryIsOneSelectWithItsWindow) {
  for (const auto& sql :
       {"SELECT 1" + bounds, "with x AS (SELECT 1) SELECT 1" + bounds,
        " -- first\n (SELECT 1" + bounds + ")", "SELECT 1" + bounds + ";\n ",
        "SELECT ';'" + bounds, "SELECT '{window_strat}'" + bounds,
        "SELECT {tenant:String}" + bounds, "SELECT {x}" + bounds})
    EXPECT_THAT(query_mistakes(sql), IsEmpty()) << sql;
}

TEST(SqlText, WhatIsNoQueryIsRefused) {
  EXPECT_THAT(query_mistakes("INSERT INTO x SELECT 1" + bounds),
              ElementsAre(HasSubstr("must be one SELECT")));
  EXPECT_THAT(query_mistakes("SELECT 1" + bounds + "; SELECT 2"),
              ElementsAre(HasSubstr("must be one statement")));
  EXPECT_THAT(query_mistakes("SELECT 'a" + bounds),
              ElementsAre(HasSubstr("does not end")));
  EXPECT_THAT(query_mistakes(""), Contains(HasSubstr("must be one SELECT")));
}

TEST(SqlText, MissingAndMisspeltBoundsAreNamed) {
  EXPECT_THAT(query_mistakes("SELECT 1"),
              ElementsAre(HasSubstr("must contain {window_start}"),
                          HasSubstr("must contain {window_end}")));
  EXPECT_THAT(query_mistakes("SELECT 1 WHERE {window_strat} {window_end}"),
              ElementsAre(HasSubstr("'{window_strat}': did you mean "
                                    "'window_start'?")));
  EXPECT_THAT(query_mistakes("SELECT '{window_start}', {window_end}"),
              ElementsAre(HasSubstr("must contain {window_start}")));
}

} // namespace sluice::topology
