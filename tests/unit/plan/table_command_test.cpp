#include "plan/table_command.hpp"

#include <gmock/gmock.h>

namespace sluice::plan {
namespace {

using testing::HasSubstr;

TEST(TableCommand, ComesBackFromItsRecord) {
  for (const auto& command :
       std::vector<table_command>{{"users", table_verb::pause, "box-42"},
                                  {"users", table_verb::resume, ""},
                                  {"users", table_verb::reset, "b", 65'535}}) {
    const auto text = encode(command);
    const auto back = parse_table_command(text);
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, command) << text;
  }
}

TEST(TableCommand, IsTheRecordThatIsDocumented) {
  EXPECT_EQ(encode({"users", table_verb::pause, "box-42"}),
            R"({"sluice":1,"kind":"table","table":"users","command":"pause",)"
            R"("by":"box-42"})");
  EXPECT_EQ(encode({"users", table_verb::reset, "box-42", 3}),
            R"({"sluice":1,"kind":"table","table":"users","command":"reset",)"
            R"("epoch":3,"by":"box-42"})");
  EXPECT_EQ(encode({"users", table_verb::pause, "\xff"}).find('\xff'),
            std::string::npos)
      << "bytes that are no UTF-8 do no harm";
}

TEST(TableCommand, RecordsOfOthersAreNone) {
  for (const auto* record : {"", "{", "[]", "7", "{}", R"({"kind":"table"})",
                             R"({"sluice":1,"kind":"mark","table":"users"})",
                             R"({"sluice":"1","kind":"table"})",
                             R"({"sluice":1,"kind":["table"]})"}) {
    const auto read = parse_table_command(record);
    ASSERT_TRUE(read) << record;
    EXPECT_EQ(*read, std::nullopt) << record;
  }
}

TEST(TableCommand, ARecordThatIsNestedAsDeepAsItIsLongDoesNoHarm) {
  std::string text = R"({"table":)";
  text.append(400'000, '[').append(400'000, ']');
  text += R"(,"sluice":1,"kind":"table"})";
  EXPECT_FALSE(parse_table_command(text));
}

TEST(TableCommand, WhatIsWrongWithOneIsTold) {
  const auto error = [](std::string_view rest) {
    const auto read = parse_table_command(R"({"sluice":1,"kind":"table")"
                                          + std::string{rest} + "}");
    return read ? "read" : read.error();
  };
  EXPECT_THAT(error(""), HasSubstr("names no table"));
  EXPECT_THAT(error(R"(,"table":7)"), HasSubstr("names no table"));
  EXPECT_THAT(error(R"(,"table":"t","command":"stop")"),
              HasSubstr("unknown command: 'stop'"));
  for (const auto* epoch : {"", R"(,"epoch":0)", R"(,"epoch":-1)",
                            R"(,"epoch":65536)", R"(,"epoch":"3")"})
    EXPECT_THAT(error(R"(,"table":"t","command":"reset")" + std::string{epoch}),
                HasSubstr("a reset without an epoch"))
        << epoch;
  EXPECT_THAT(
      parse_table_command(R"({"sluice":2,"kind":"table","table":"t"})").error(),
      HasSubstr("version 2"));
}

} // namespace
} // namespace sluice::plan
