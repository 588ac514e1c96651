#include "topology/sql_quoting.hpp"

#include <gtest/gtest.h>

namespace sluice::topology {
namespace {

TEST(SqlQuoting, NamesCannotLeaveTheirBackTicks) {
  EXPECT_EQ(quote_identifier("user_id"), "`user_id`");
  EXPECT_EQ(quote_identifier("a`b\\"), "`a\\`b\\\\`");
  EXPECT_EQ(quote_identifier(""), "``");
}

TEST(SqlQuoting, TextsCannotLeaveTheirQuotes) {
  EXPECT_EQ(quote_literal("it's \\"), "'it\\'s \\\\'");
  EXPECT_EQ(quote_literal(std::string_view("a'\0", 3)), "'a\\'\\0'");
}

} // namespace
} // namespace sluice::topology
