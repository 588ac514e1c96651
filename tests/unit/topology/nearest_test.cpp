#include "topology/nearest.hpp"

#include <array>

#include <gtest/gtest.h>

namespace sluice::topology {

namespace {

constexpr std::array<std::string_view, 4> keys{"topic", "format", "mode",
                                               "order_by"};

} // namespace

TEST(Nearest, DistanceCountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("topic", "topic"), 0U);
  EXPECT_EQ(edit_distance("topci", "topic"), 1U);
  EXPECT_EQ(edit_distance("topc", "topic"), 1U);
  EXPECT_EQ(edit_distance("toopic", "topic"), 1U);
  EXPECT_EQ(edit_distance("tapic", "topic"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("", ""), 0U);
}

TEST(Nearest, CaseMakesNoDifference) {
  EXPECT_EQ(edit_distance("Topic", "tOPIC"), 0U);
  EXPECT_EQ(nearest("TOPIC", keys), "topic");
}

TEST(Nearest, FindsWhatIsNearEnough) {
  EXPECT_EQ(nearest("topci", keys), "topic");
  EXPECT_EQ(nearest("order-by", keys), "order_by");
  EXPECT_EQ(nearest("orderby", keys), "order_by");
  EXPECT_EQ(nearest("modus", keys), std::nullopt);
  EXPECT_EQ(nearest("zzz", keys), std::nullopt);
}

TEST(Nearest, NothingIsNearAnEmptyOrAVeryLongWord) {
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest(std::string(65, 'a'), keys), std::nullopt);
  EXPECT_EQ(nearest("topic", {}), std::nullopt);
}

TEST(Nearest, OneLetterIsNotNearAnother) {
  constexpr std::array<std::string_view, 1> letter{"a"};
  EXPECT_EQ(nearest("b", letter), std::nullopt);
}

TEST(Nearest, AdviceNamesTheNearestOrElseAllThatAreKnown) {
  EXPECT_EQ(advice("topci", keys), ": did you mean 'topic'?");
  EXPECT_EQ(advice("zzz", keys), "; known are topic, format, mode, order_by");
  EXPECT_EQ(advice("zzz", {}), "");
}

TEST(Nearest, AdviceDoesNotListWithoutEnd) {
  const std::array<std::string_view, 21> many{
      "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k",
      "l", "m", "n", "o", "p", "q", "r", "s", "t", "u"};
  EXPECT_TRUE(advice("long_word", many).ends_with("s, t, ..."));
}

} // namespace sluice::topology
