#include "cdc/json_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::cdc {

namespace {

// In memory of exactly its size, so that the sanitizer sees a read beyond it.
json_status status_of(std::string_view text,
                      json_dialect dialect = json_dialect::strict) {
  const std::vector<char> exact(text.begin(), text.end());
  json_document document;
  return document.read({exact.data(), exact.size()}, dialect);
}

} // namespace

TEST(JsonDocument, AcceptsEveryFormOfValue) {
  for (const auto* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "12",
                           "-1.5",
                           "1e5",
                           "1E+3",
                           "0E-8",
                           "1.0E-5",
                           "123456789012345678901234567890",
                           "\"\"",
                           "\"a\\\"b\"",
                           "{}",
                           "[]",
                           "[[],{}]",
                           "{\"a\":1}",
                           " {\"a\" : [ 1 , 2 ] } \n",
                           "{\"a\":{\"b\":{\"c\":[1,{\"d\":null}]}}}",
                           "\t[\"\\u0000\"]\r"})
    EXPECT_EQ(status_of(text), json_status::ok) << text;
}

TEST(JsonDocument, RejectsWhatTheGrammarDoesNotKnow) {
  for (const auto* text : {"",           " ",           "nul",
                           "nulll",      "True",        "01",
                           "+1",         "1.",          ".5",
                           "-",          "1e",          "1e+",
                           "0x1",        "--1",         "1 2",
                           "{} {}",      "{}x",         "{",
                           "}",          "[",           "]",
                           "[1",         "[1,",         "[1,]",
                           "[,1]",       "[1 2]",       "{\"a\"}",
                           "{\"a\":}",   "{\"a\":1,}",  "{,}",
                           "{a:1}",      "{\"a\" 1}",   "{1:2}",
                           "[1}",        "{\"a\":1]",   "[\"a]",
                           "\"a",        "\"a\" \"b\"", "\"a\"b",
                           "a\"b\"",     "NaN",         "[NaN]",
                           "[Infinity]", "{\"a\":1}}",  "[[1]",
                           "\\",         "[\\\"a\"]",   "[\"a\"\\]",
                           "[1\\]",      "'a'",         "{\"a\":\"b\"\"c\":1}",
                           "\"a\tb\"",   "[\"a\nb\"]",  "/* */1",
                           ":",          ",",           "{:}",
                           "[:]",        "[{]}"})
    EXPECT_NE(status_of(text), json_status::ok) << text;
}

TEST(JsonDocument, RejectsAByteOrderMark) {
  EXPECT_EQ(status_of("\xEF\xBB\xBF{}"), json_status::malformed);
}

TEST(JsonDocument, TakesBareNonFiniteNumbersOnlyWhereTheyAreWritten) {
  for (const auto* text :
       {"NaN", "[NaN]", "{\"a\":Infinity,\"b\":-Infinity}"}) {
    EXPECT_EQ(status_of(text, json_dialect::bare_non_finite), json_status::ok);
    EXPECT_EQ(status_of(text), json_status::malformed);
  }
  EXPECT_EQ(status_of("[+Infinity]", json_dialect::bare_non_finite),
            json_status::malformed);
  EXPECT_EQ(status_of("[-NaN]", json_dialect::bare_non_finite),
            json_status::malformed);
}

TEST(JsonDocument, RejectsInvalidUtf8Anywhere) {
  for (const auto* bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xE2\x82"}) {
    EXPECT_EQ(status_of("{\"ignored\":\"" + std::string(bad) + "\"}"),
              json_status::bad_encoding);
  }
}

TEST(JsonDocument, BoundsTheDepthOfEveryNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(status_of(nested(max_json_depth)), json_status::ok);
  EXPECT_EQ(status_of(nested(max_json_depth + 1)), json_status::too_deep);
  EXPECT_EQ(status_of(nested(100'000)), json_status::too_deep);
  std::string objects;
  for (std::size_t i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  EXPECT_EQ(status_of(objects + "}"), json_status::too_deep);
}

TEST(JsonDocument, GivesTheTextOfEveryValueByteForByte) {
  json_document document;
  const std::string_view text =
      R"( { "a" : 1.50 , "b" : { "c" : [ 1, "]}" ] } , "d\"" : "x" } )";
  ASSERT_EQ(document.read(text, json_dialect::strict), json_status::ok);
  std::vector<std::string> found;
  document.each_member(
      json_document::root(),
      [&](std::size_t ordinal, std::string_view name, json_document::node at) {
        EXPECT_EQ(ordinal, found.size() / 2);
        found.emplace_back(name);
        found.emplace_back(document.text(at));
        return true;
      });
  EXPECT_EQ(found, (std::vector<std::string>{"a", "1.50", "b",
                                             R"({ "c" : [ 1, "]}" ] })",
                                             R"(d\")", R"("x")"}));
}

TEST(JsonDocument, IsReusedForTextsOfAnySize) {
  json_document document;
  for (const std::size_t size : {1U, 6'000'000U, 10U, 100'000U, 2U}) {
    const auto text = "[\"" + std::string(size, 'x') + "\"]";
    ASSERT_EQ(document.read(text, json_dialect::strict), json_status::ok);
    EXPECT_EQ(document.string(1).size(), size);
  }
}

} // namespace sluice::cdc
