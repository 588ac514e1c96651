#include "cli/dlq_text.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace sluice::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

kafka::dead_letter example() {
  kafka::dead_letter result;
  result.original.where = {"pg.users", 3};
  result.original.offset = 42;
  result.original.timestamp_ms = 1'771'598'047'005;
  result.original.key = "{\"user_id\":1}";
  result.original.value = "{\"op\":";
  result.original.headers = {{"trace", "\x01\xff"}, {"empty", std::nullopt}};
  result.table = "users";
  result.reason = "not_json";
  result.detail = "it ends early";
  return result;
}

TEST(LetterText, ShowsEverythingWithTheBytesAsTheyAre) {
  const auto text = letter_text(example());
  EXPECT_THAT(text, ContainsRegex("record +pg.users/3 offset 42\n"));
  EXPECT_THAT(text, ContainsRegex("detail +it ends early\n"));
  EXPECT_THAT(text, ContainsRegex("timestamp +2026-02-20T14:34:07.005Z\n"));
  EXPECT_THAT(text, HasSubstr("{\"user_id\":1}\n"));
  EXPECT_THAT(text, ContainsRegex("header trace +2 bytes, in hexadecimal: "
                                  "01ff\n"));
  EXPECT_THAT(text, ContainsRegex("header empty +null\n"));
}

TEST(LetterJson, KeepsEveryByteAndTellsNullFromEmpty) {
  auto letter = example();
  const auto whole = nlohmann::json::parse(letter_json(letter));
  EXPECT_EQ(whole["value"], "{\"op\":");
  EXPECT_EQ(whole["headers"][0]["value_hex"], "01ff");
  EXPECT_TRUE(whole["headers"][1]["value"].is_null());
  letter.original.value = std::nullopt;
  EXPECT_TRUE(nlohmann::json::parse(letter_json(letter))["value"].is_null());
  letter.original.value = "";
  EXPECT_EQ(nlohmann::json::parse(letter_json(letter))["value"], "");
}

TEST(LetterJson, OfAListHasWhereItsCopiesLie) {
  const listed_letter listed{"not_json", "bad \xff byte", 7, {{0, 1}, {1, 5}}};
  const auto line = letter_json(id_of(example()), listed);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["offset"], 42);
  EXPECT_EQ(json["copies"][1]["offset"], 5);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(LetterId, NamesTheEpochWhenThereWasMoreThanOne) {
  auto id = id_of(example());
  EXPECT_EQ(to_string(id), "pg.users/3 offset 42 (table users)");
  id.epoch = 2;
  EXPECT_EQ(to_string(id), "pg.users/3 offset 42 (table users, epoch 2)");
}

TEST(DlqArguments, AreCompletedWithTheOffsets) {
  dlq_arguments arguments;
  EXPECT_EQ(complete(arguments), std::nullopt);
  EXPECT_EQ(arguments.choice.offsets, std::nullopt);
  arguments.offsets = "3-4";
  EXPECT_EQ(complete(arguments), std::nullopt);
  EXPECT_EQ(arguments.choice.offsets->second, 4);
  arguments.offsets = "x";
  EXPECT_THAT(complete(arguments).value_or(""), HasSubstr("--offset: 'x'"));
}

} // namespace
} // namespace sluice::cli
