#include "topology/yaml_tree.hpp"

#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using testing::environment_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::variables;

namespace {

struct parsed {
  node_ptr root;
  std::vector<std::string> mistakes;
};

parsed parse(std::string_view yaml, variables values = {}) {
  mistakes found{"f"};
  parsed result;
  result.root = parse_yaml(yaml, environment_of(std::move(values)), found);
  for (const auto& mistake : found.take())
    result.mistakes.push_back(to_string(mistake));
  return result;
}

node_ptr parse_clean(std::string_view yaml) {
  auto result = parse(yaml);
  EXPECT_THAT(result.mistakes, IsEmpty());
  EXPECT_NE(result.root, nullptr);
  return result.root ? result.root : std::make_shared<const node>();
}

std::string text_at(const node& map, std::string_view key) {
  const auto* child = map.find(key);
  return child == nullptr ? "absent" : child->value->text;
}

} // namespace

TEST(YamlTree, KnowsWhereKeysAndValuesStand) {
  const auto root = parse_clean("a: 1\nb:\n  c:  [x, 'y']\n");
  ASSERT_EQ(root->entries.size(), 2U);
  EXPECT_EQ(root->entries[1].where.line, 2);
  EXPECT_EQ(root->entries[1].where.column, 1);
  const auto& c = root->entries[1].value->entries.at(0);
  EXPECT_EQ(c.where.line, 3);
  EXPECT_EQ(c.where.column, 3);
  ASSERT_EQ(c.value->items.size(), 2U);
  EXPECT_EQ(c.value->items[1]->text, "y");
  EXPECT_EQ(c.value->items[1]->where.column, 11);
}

TEST(YamlTree, CountsColumnsInCharacters) {
  const auto root = parse_clean("{\xC3\xA4: \xE2\x82\xAC, b: 1}");
  EXPECT_EQ(root->entries.at(1).where.column, 8);
}

TEST(YamlTree, ReadsBothLineEndsAndAByteOrderMark) {
  const auto root = parse_clean("\xEF\xBB\xBF"
                                "a: 1\r\nb: 2\r\n");
  EXPECT_EQ(text_at(*root, "a"), "1");
  EXPECT_EQ(root->entries.at(0).where.column, 1);
  EXPECT_EQ(root->entries.at(1).where.line, 2);
}

TEST(YamlTree, TellsNothingFromTheWordNull) {
  const auto root = parse_clean("a:\nb: null\nc: ~\nd: 'null'\ne: nullable\n"
                                "f: {g: null, h: NULL}\nnull: 1\nnullx:\n");
  EXPECT_EQ(root->find("a")->value->kind, node_kind::nothing);
  EXPECT_EQ(text_at(*root, "a"), "");
  EXPECT_EQ(root->find("b")->value->kind, node_kind::nothing);
  EXPECT_EQ(text_at(*root, "b"), "null");
  EXPECT_EQ(text_at(*root, "c"), "~");
  EXPECT_EQ(root->find("d")->value->kind, node_kind::text);
  EXPECT_EQ(text_at(*root, "e"), "nullable");
  EXPECT_EQ(text_at(*root->find("f")->value, "g"), "null");
  EXPECT_EQ(text_at(*root->find("f")->value, "h"), "NULL");
  EXPECT_EQ(text_at(*root, "nullx"), "");
  EXPECT_EQ(text_at(*root, "null"), "1");
}

TEST(YamlTree, ReplacesVariablesInValuesOnly) {
  const auto result =
      parse("${K}: ${V}\nl: ['${V}', \"x${V}\"]\nb: |\n  ${V}\n",
            {{"V", "v: #1"}, {"K", "k"}});
  ASSERT_NE(result.root, nullptr);
  EXPECT_EQ(text_at(*result.root, "${K}"), "v: #1");
  EXPECT_EQ(result.root->find("l")->value->items.at(1)->text, "xv: #1");
  EXPECT_EQ(text_at(*result.root, "b"), "v: #1\n");
}

TEST(YamlTree, AMissingVariableIsReportedOnceWhereItStands) {
  const auto result = parse("a: 1\nb: &x ${NO}\nc: *x\n");
  ASSERT_NE(result.root, nullptr);
  EXPECT_TRUE(result.root->find("c")->value->faulty);
  EXPECT_THAT(result.mistakes,
              ElementsAre(HasSubstr("f:2:4: environment variable 'NO'")));
}

TEST(YamlTree, DuplicateKeysAreMistakesAndTheFirstStays) {
  const auto result = parse("a: 1\nb: 2\na: 3\n");
  ASSERT_NE(result.root, nullptr);
  EXPECT_EQ(text_at(*result.root, "a"), "1");
  EXPECT_EQ(result.root->entries.size(), 2U);
  EXPECT_THAT(
      result.mistakes,
      ElementsAre("f:3:1: duplicate key 'a': it stands in line 1 already"));
}

TEST(YamlTree, KeysMustBeText) {
  EXPECT_THAT(parse("? [a]\n: 1\n").mistakes,
              ElementsAre("f:1:3: a key must be text"));
  EXPECT_THAT(parse("? {a: b}\n: 1\n").mistakes,
              ElementsAre("f:1:3: a key must be text"));
  EXPECT_THAT(parse(": 1\n").mistakes,
              ElementsAre(HasSubstr("a key must be text")));
}

TEST(YamlTree, AliasesStandForTheirAnchor) {
  const auto root = parse_clean("a: &x {k: v}\nb: *x\n");
  EXPECT_EQ(text_at(*root->find("b")->value, "k"), "v");
}

TEST(YamlTree, MergeKeysAddWhatIsNotThereYet) {
  const auto root = parse_clean("a: &a {k: 1, l: 2}\nb: &b {m: 3, k: 9}\n"
                                "c: {<<: *a, l: 5}\nd: {<<: [*b, *a]}\n"
                                "e: {'<<': plain}\n");
  const auto& c = *root->find("c")->value;
  EXPECT_EQ(text_at(c, "k"), "1");
  EXPECT_EQ(text_at(c, "l"), "5");
  EXPECT_EQ(c.entries.size(), 2U);
  const auto& d = *root->find("d")->value;
  EXPECT_EQ(text_at(d, "k"), "9");
  EXPECT_EQ(text_at(d, "l"), "2");
  EXPECT_EQ(text_at(*root->find("e")->value, "<<"), "plain");
}

TEST(YamlTree, MergingAnythingElseIsAMistake) {
  EXPECT_THAT(parse("a: {<<: 1}\n").mistakes,
              ElementsAre("f:1:9: '<<' merges a map or a list of maps"));
  EXPECT_THAT(parse("a: {<<: [1]}\n").mistakes,
              ElementsAre(HasSubstr("'<<' merges a map or a list of maps")));
}

TEST(YamlTree, AnAliasInsideItsAnchorIsRefused) {
  const auto result = parse("a: &x [1, *x]\n");
  EXPECT_EQ(result.root, nullptr);
  EXPECT_THAT(result.mistakes,
              ElementsAre(HasSubstr("f:1:11: an alias stands inside its own "
                                    "anchor")));
}

TEST(YamlTree, AnUnknownAliasIsASyntaxError) {
  const auto result = parse("a: *x\n");
  EXPECT_EQ(result.root, nullptr);
  EXPECT_THAT(result.mistakes, ElementsAre(HasSubstr("f:1:4: not valid YAML")));
}

TEST(YamlTree, AnAliasBombIsRefusedBeforeItGoesOff) {
  std::string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j)
      bomb += (j > 0 ? ", *l" : "*l") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const auto result = parse(bomb);
  EXPECT_EQ(result.root, nullptr);
  EXPECT_THAT(result.mistakes,
              ElementsAre(HasSubstr("more than 500000 values")));
}

TEST(YamlTree, AMergeBombIsRefused) {
  std::string bomb = "a: &a {";
  for (int i = 0; i < 1000; ++i)
    bomb += "k" + std::to_string(i) + ": 1, ";
  bomb += "}\nb: [";
  for (int i = 0; i < 1000; ++i)
    bomb += "{<<: *a}, ";
  EXPECT_THAT(parse(bomb + "]\n").mistakes,
              ElementsAre(HasSubstr("more than 500000 values")));
}

TEST(YamlTree, DepthIsBoundedAlsoThroughAliases) {
  for (const auto* opening : {"[", "{a: ", "- ", "? "}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
      deep += opening;
    const auto result = parse(deep);
    EXPECT_EQ(result.root, nullptr);
    ASSERT_EQ(result.mistakes.size(), 1U) << opening;
  }
  std::string chain = "l0: &l0 [x]\n";
  for (int i = 1; i < 40; ++i)
    chain += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [*l"
             + std::to_string(i - 1) + "]\n";
  EXPECT_THAT(parse(chain).mistakes,
              ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(YamlTree, SyntaxErrorsAreOneMistakeWithAPosition) {
  for (const auto* text :
       {"a: [1, 2\n", "a: 'x\n", "a: b: c\n", "{a: 1\n", "a: 1\n b: 2\n", "@x",
        "a: \"\\q\"\n", "%YAML 9\n", "- a\nb: 1\n", "a: 'it''s\n",
        "a: \"x\\\"\n", "a: !<x y\n", "a: |9x\n b\n"}) {
    const auto result = parse(text);
    EXPECT_EQ(result.root, nullptr) << text;
    ASSERT_EQ(result.mistakes.size(), 1U) << text;
    EXPECT_THAT(result.mistakes[0], HasSubstr("not valid YAML: ")) << text;
  }
}

TEST(YamlTree, ATabInTheIndentIsNamed) {
  EXPECT_THAT(parse("a:\n\tb: 1\n").mistakes,
              ElementsAre(HasSubstr("indented with a tab")));
}

TEST(YamlTree, BytesThatAreNoTextAreRefusedWithTheirPosition) {
  EXPECT_THAT(parse("a: 1\nb: \xFF\n").mistakes,
              ElementsAre(HasSubstr("f:2:4: not a text file")));
  EXPECT_THAT(parse(std::string_view{"\0\1\2", 3}).mistakes,
              ElementsAre(HasSubstr("f:1:1: not a text file")));
  EXPECT_THAT(parse("\xFF\xFE"
                    "a")
                  .mistakes,
              ElementsAre(HasSubstr("f:1:1: not a text file")));
}

TEST(YamlTree, ATextThatIsTooLargeIsRefused) {
  EXPECT_THAT(parse(std::string(yaml_bytes_max + 1, ' ')).mistakes,
              ElementsAre(HasSubstr("larger than 4 MiB")));
}

TEST(YamlTree, ASecondDocumentIsAMistake) {
  const auto result = parse("a: 1\n---\nb: 2\n");
  EXPECT_EQ(result.root, nullptr);
  EXPECT_THAT(result.mistakes,
              ElementsAre(HasSubstr("f:2:1: a second YAML document")));
  EXPECT_THAT(parse("---\na: 1\n...\n").mistakes, IsEmpty());
}

TEST(YamlTree, TagsOfOtherToolsAreRefused) {
  EXPECT_THAT(parse("a: !ENV x\nb: !!str 5\nc: !!binary aGk=\n").mistakes,
              ElementsAre(HasSubstr("f:1:4: the YAML tag '!ENV' means"),
                          HasSubstr("f:3:4: the YAML tag")));
}

} // namespace sluice::topology
