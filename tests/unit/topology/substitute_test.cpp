#include "topology/substitute.hpp"

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using testing::environment_of;
using ::testing::HasSubstr;

namespace {

std::string replaced(std::string_view text) {
  const auto result = substitute(
      text, environment_of({{"A", "alpha"}, {"EMPTY", ""}, {"RAW", "${A}"}}));
  return result ? *result : "mistake: " + result.error();
}

} // namespace

TEST(Substitute, TextWithoutPlaceholdersStays) {
  EXPECT_EQ(replaced(""), "");
  EXPECT_EQ(replaced("plain $5 and $A and {window_start}"),
            "plain $5 and $A and {window_start}");
  EXPECT_EQ(replaced("$"), "$");
}

TEST(Substitute, VariablesAreReplacedWhereverTheyStand) {
  EXPECT_EQ(replaced("${A}"), "alpha");
  EXPECT_EQ(replaced("x${A}y${A}z"), "xalphayalphaz");
  EXPECT_EQ(replaced("${EMPTY}"), "");
}

TEST(Substitute, ADefaultStandsInForWhatIsUnsetOrEmpty) {
  EXPECT_EQ(replaced("${A:-beta}"), "alpha");
  EXPECT_EQ(replaced("${NO:-beta}"), "beta");
  EXPECT_EQ(replaced("${EMPTY:-beta}"), "beta");
  EXPECT_EQ(replaced("${NO:-}"), "");
  EXPECT_EQ(replaced("${NO:-http://h:1/}"), "http://h:1/");
  EXPECT_EQ(replaced("${NO:-a:-b}"), "a:-b");
}

TEST(Substitute, DefaultsMayHoldPlaceholders) {
  EXPECT_EQ(replaced("${NO:-${A}}"), "alpha");
  EXPECT_EQ(replaced("${NO:-${NO:-x}y}z"), "xyz");
}

TEST(Substitute, AnEscapedPlaceholderStaysOne) {
  EXPECT_EQ(replaced("$${A}"), "${A}");
  EXPECT_EQ(replaced("$$${A}"), "$${A}");
  EXPECT_EQ(replaced("$${"), "${");
}

TEST(Substitute, ValuesAreNotExpandedAgain) {
  EXPECT_EQ(replaced("${RAW}"), "${A}");
}

TEST(Substitute, AMissingVariableIsNamedWithTheWayOut) {
  EXPECT_EQ(replaced("a ${NO} b"),
            "mistake: environment variable 'NO' is not set: set it, or give a "
            "default: ${NO:-default}");
}

TEST(Substitute, BrokenPlaceholdersAreRefused) {
  EXPECT_THAT(replaced("x ${A"), HasSubstr("'${A' is not closed"));
  EXPECT_THAT(replaced("${}"), HasSubstr("'${}' cannot be read"));
  EXPECT_THAT(replaced("${1A}"), HasSubstr("cannot be read"));
  EXPECT_THAT(replaced("${A B}"), HasSubstr("cannot be read"));
  EXPECT_THAT(replaced("${A-x}"), HasSubstr("cannot be read"));
  EXPECT_THAT(replaced("${A:?x}"), HasSubstr("cannot be read"));
}

TEST(Substitute, NestingAndLengthAreBounded) {
  std::string deep;
  for (int i = 0; i < 20; ++i)
    deep += "${NO:-";
  EXPECT_THAT(replaced(deep + std::string(20, '}')),
              HasSubstr("nested more than 8 deep"));
  const auto large = substitute(
      "${A}${A}", environment_of({{"A", std::string(600'000, 'a')}}));
  ASSERT_FALSE(large.has_value());
  EXPECT_THAT(large.error(), HasSubstr("longer than 1 MiB"));
}

} // namespace sluice::topology
