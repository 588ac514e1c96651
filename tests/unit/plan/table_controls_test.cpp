#include "plan/table_controls.hpp"

#include <gmock/gmock.h>

namespace sluice::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

constexpr std::chrono::sys_seconds noon{
    std::chrono::sys_days{std::chrono::year{2026} / 2 / 18}
    + std::chrono::hours{12}};

/// A log, and what a reader from some offset on makes of it.
class Log {
public:
  void say(const table_command& command) {
    records_.push_back(encode(command));
  }
  void pause(const std::string& table) {
    say({table, table_verb::pause, "box-42"});
  }
  void resume(const std::string& table) {
    say({table, table_verb::resume, ""});
  }
  void reset(const std::string& table, std::uint16_t epoch) {
    say({table, table_verb::reset, "", epoch});
  }
  void append(std::string record) { records_.push_back(std::move(record)); }
  [[nodiscard]] std::int64_t end() const {
    return static_cast<std::int64_t>(records_.size());
  }
  [[nodiscard]] table_controls read(std::int64_t from,
                                    std::int64_t until) const {
    table_controls result;
    for (auto i = from; i < until; ++i) {
      const auto outcome =
          result.obey(i, noon, records_.at(static_cast<std::size_t>(i)));
      EXPECT_TRUE(outcome) << outcome.error();
    }
    return result;
  }
  [[nodiscard]] table_controls read(std::int64_t from = 0) const {
    return read(from, end());
  }

private:
  std::vector<std::string> records_;
};

TEST(TableControls, KnowTheGreatestEpochOfEachTable) {
  Log log;
  log.pause("users");
  EXPECT_THAT(log.read().epochs(), IsEmpty());
  log.reset("users", 4);
  log.reset("users", 2);
  log.reset("events", 2);
  EXPECT_THAT(log.read().epochs(),
              ElementsAre(Pair("events", 2), Pair("users", 4)));
}

TEST(TableControls, HoldATableFromItsPauseToTheNextResume) {
  Log log;
  log.resume("users");
  EXPECT_THAT(log.read().pauses(), IsEmpty());
  log.pause("users");
  log.say({"users", table_verb::pause, "box-7"});
  log.pause("events");
  log.resume("events");
  log.reset("users", 2);
  EXPECT_THAT(
      log.read().pauses(),
      ElementsAre(Pair("users", "paused by `sluice table pause` (2026-02-18 "
                                "12:00:00 UTC, box-42)")));
}

TEST(TableControls, ARestatementStandsForAllThatIsGone) {
  Log log;
  log.pause("users");
  log.pause("events");
  log.resume("events");
  log.reset("orders", 3);
  const auto as_of = log.end();
  log.append(log.read().restate(as_of));
  for (std::int64_t start = 0; start <= as_of; ++start) {
    const auto read = log.read(start);
    EXPECT_EQ(read.pauses(), log.read(0, as_of).pauses()) << start;
    EXPECT_THAT(read.epochs(), ElementsAre(Pair("orders", 3))) << start;
    EXPECT_EQ(read.restated_as_of(), as_of);
  }
}

TEST(TableControls, ACommandThatOvertakesTheRestatementCounts) {
  Log log;
  log.pause("users");
  log.pause("events");
  const auto as_of = log.end();
  const auto restated = log.read().restate(as_of);
  log.resume("users");
  log.pause("orders");
  log.reset("events", 2);
  log.append(restated);
  for (std::int64_t start = 0; start <= as_of; ++start) {
    const auto read = log.read(start);
    EXPECT_THAT(read.pauses(), ElementsAre(Key("events"), Key("orders")))
        << start;
    EXPECT_THAT(read.epochs(), ElementsAre(Pair("events", 2)));
  }
}

TEST(TableControls, WhatWasResumedWhileNobodyReadIsResumedByTheRestatement) {
  Log log;
  log.pause("users");
  log.resume("users");
  table_controls reader;
  ASSERT_TRUE(reader.obey(
      0, noon, encode(table_command{"users", table_verb::pause, ""})));
  const auto outcome = reader.obey(2, noon, log.read().restate(2));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->is_told);
  EXPECT_THAT(outcome->resumed, ElementsAre("users"));
  EXPECT_THAT(reader.pauses(), IsEmpty());
}

TEST(TableControls, AnOlderRestatementThatComesLateChangesNothing) {
  Log log;
  log.pause("users");
  const auto older = log.read().restate(1);
  log.resume("users");
  log.pause("events");
  log.append(log.read().restate(3));
  log.append(older);
  EXPECT_THAT(log.read(3).pauses(), ElementsAre(Key("events")));
  EXPECT_EQ(log.read(3).restated_as_of(), 3);
}

TEST(TableControls, ARestatementIsTheRecordThatIsDocumented) {
  Log log;
  log.pause("users");
  log.reset("orders", 2);
  EXPECT_EQ(log.read().restate(4711),
            R"({"sluice":1,"kind":"tables","as_of":4711,"paused":{"users":)"
            R"({"since":1771416000,"by":"box-42"}},"epochs":{"orders":2}})");
}

TEST(TableControls, APauseWithoutATimeIsRestatedAsARecordThatCanBeRead) {
  table_controls told;
  ASSERT_TRUE(told.obey(0, std::chrono::sys_seconds{std::chrono::seconds{-1}},
                        encode(table_command{"users", table_verb::pause, ""})));
  table_controls reader;
  ASSERT_TRUE(reader.obey(1, noon, told.restate(1)));
  EXPECT_THAT(reader.pauses(), ElementsAre(Key("users")));
}

TEST(TableControls, WhatIsWrongWithARecordIsToldAndChangesNothing) {
  const auto error = [](const std::string& rest) {
    table_controls reader;
    const auto outcome =
        reader.obey(7, noon, R"({"sluice":1,"kind":"tables")" + rest + "}");
    EXPECT_THAT(reader.pauses(), IsEmpty());
    EXPECT_THAT(reader.epochs(), IsEmpty());
    return outcome ? "read" : outcome.error();
  };
  EXPECT_THAT(error(""), HasSubstr("as_of"));
  EXPECT_THAT(error(R"(,"as_of":-1,"paused":{},"epochs":{})"),
              HasSubstr("as_of"));
  EXPECT_THAT(error(R"(,"as_of":1,"epochs":{})"), HasSubstr("paused"));
  EXPECT_THAT(error(R"(,"as_of":1,"paused":{"u":7},"epochs":{"o":2})"),
              HasSubstr("'u'"));
  EXPECT_THAT(
      error(R"(,"as_of":1,"paused":{"u":{"since":1}},"epochs":{"o":0})"),
      HasSubstr("'o'"));
  EXPECT_THAT(error(R"(,"as_of":1,"paused":{},"epochs":{"o":70000})"),
              HasSubstr("'o'"));
  table_controls reader;
  EXPECT_THAT(reader.obey(0, noon, R"({"sluice":2,"kind":"tables"})").error(),
              HasSubstr("version 2"));
  EXPECT_THAT(
      reader.obey(0, noon, R"({"sluice":1,"kind":"table","table":7})").error(),
      HasSubstr("names no table"));
  for (const auto* record :
       {"", "{", "[]", R"({"kind":"tables"})", R"("tables")",
        R"({"sluice":1,"kind":"marks","node":"tables"})"}) {
    const auto outcome = reader.obey(0, noon, record);
    ASSERT_TRUE(outcome) << record;
    EXPECT_FALSE(outcome->is_told) << record;
  }
}

} // namespace
} // namespace sluice::plan
