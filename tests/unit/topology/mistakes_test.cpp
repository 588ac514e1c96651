#include "topology/mistakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/utf8.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;

TEST(Mistakes, AreInTheOrderOfTheFileAndEachThereOnce) {
  mistakes found{"f"};
  found.add({2, 5}, "b");
  found.add({1, 9}, "a");
  found.add({2, 5}, "c");
  found.add({2, 5}, "b");
  EXPECT_FALSE(found.empty());
  std::vector<std::string> lines;
  for (const auto& mistake : found.take())
    lines.push_back(to_string(mistake));
  EXPECT_THAT(lines, ElementsAre("f:1:9: a", "f:2:5: b", "f:2:5: c"));
}

TEST(Mistakes, WithoutAPositionNameTheFileOnly) {
  EXPECT_EQ(to_string(diagnostic{"f", {}, "gone"}), "f: gone");
}

TEST(Shown, KeepsAMessageOnOneLine) {
  EXPECT_EQ(shown("a\nb\tc\rd"), "'a\\nb\\tc\\rd'");
  EXPECT_EQ(shown(std::string_view{"\0\x1B", 2}), "'\\x00\\x1B'");
}

TEST(Shown, CutsLongTextsBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 61; ++i)
    umlauts += "\xC3\xA4";
  EXPECT_EQ(shown(umlauts), "'" + umlauts.substr(0, 120) + "...'");
  EXPECT_EQ(shown(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
}

TEST(Shown, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(shown("a\xFF\xC3"), "'a?"
                                "?'");
}

TEST(Utf8, KnowsWellFormedCharacters) {
  EXPECT_EQ(character_bytes("a"), 1U);
  EXPECT_EQ(character_bytes("\xC3\xA4"), 2U);
  EXPECT_EQ(character_bytes("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(character_bytes("\xF0\x9F\x98\x80"), 4U);
  EXPECT_EQ(character_bytes("\xF4\x8F\xBF\xBF"), 4U);
}

TEST(Utf8, RefusesOverlongSurrogateTooLargeAndCutOff) {
  for (const auto* text :
       {"", "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3",
        "\xE2\x82", "\xF0\x9F\x98",
        "\xC3"
        "a",
        "\xE2\x82"
        "a"})
    EXPECT_EQ(character_bytes(text), 0U) << shown(text);
}

TEST(Utf8, FindsTheFirstByteThatIsNoText) {
  EXPECT_EQ(first_not_text("a\tb\r\n\xC3\xA4"), std::string_view::npos);
  EXPECT_EQ(first_not_text(std::string_view{"ab\0", 3}), 2U);
  EXPECT_EQ(first_not_text("ab\x7F"), 2U);
  EXPECT_EQ(first_not_text("\xC3\xA4\xFF"), 2U);
}

} // namespace sluice::topology
