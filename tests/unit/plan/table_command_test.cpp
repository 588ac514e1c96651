#include "plan/table_command.hpp"

#include <gmock/gmock.h>

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

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

TEST(TableResets, AreTheGreatestEpochOfEachTable) {
  table_resets resets;
  resets.obey({"users", table_verb::pause, "", 0});
  EXPECT_THAT(resets.epochs(), IsEmpty());
  resets.obey({"users", table_verb::reset, "", 4});
  resets.obey({"users", table_verb::reset, "", 2});
  resets.obey({"events", table_verb::reset, "", 2});
  EXPECT_THAT(resets.epochs(),
              ElementsAre(Pair("events", 2), Pair("users", 4)));
}

TEST(TablePauses, LastFromAPauseToTheNextResume) {
  const std::chrono::sys_seconds noon{
      std::chrono::sys_days{std::chrono::year{2026} / 2 / 18}
      + std::chrono::hours{12}};
  table_pauses pauses;
  pauses.obey({"users", table_verb::resume, "box-1"}, noon);
  EXPECT_THAT(pauses.reasons(), IsEmpty());
  pauses.obey({"users", table_verb::pause, "box-42"}, noon);
  pauses.obey({"users", table_verb::pause, "box-7"},
              noon + std::chrono::hours{1});
  pauses.obey({"events", table_verb::pause, ""}, noon);
  pauses.obey({"events", table_verb::resume, ""}, noon);
  pauses.obey({"users", table_verb::reset, "", 2}, noon);
  EXPECT_THAT(
      pauses.reasons(),
      ElementsAre(Pair("users", "paused by `sluice table pause` (2026-02-18 "
                                "12:00:00 UTC, box-42)")));
}

} // namespace
} // namespace sluice::plan
