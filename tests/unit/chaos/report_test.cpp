#include "chaos/report.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace sluice::chaos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

report sound_report(int rounds) {
  report result;
  result.seed = 42;
  result.rounds = rounds;
  result.rounds_asked = rounds;
  result.took = 61'500ms;
  result.records = 1000;
  result.disasters[1] = 7;
  result.faults[2] = 9;
  result.mechanisms = {{"intents replayed", 3}, {"splits", 2}};
  result.longest_gaps["kill node"] = 3100ms;
  table_difference table;
  table.table = "users";
  table.expected = 10;
  result.tables = {table};
  return result;
}

TEST(ChaosReport, PassesWhenEverythingIsExactAndEveryMechanismFired) {
  const auto sound = sound_report(200);
  EXPECT_TRUE(has_passed(sound));
  const auto text = to_text(sound);
  EXPECT_THAT(text, HasSubstr("200 of 200 rounds, seed 42, 61.5 s"));
  EXPECT_THAT(text, HasSubstr("broken: kill node 7\n"));
  EXPECT_THAT(text, HasSubstr("refused 9"));
  EXPECT_THAT(text, HasSubstr("intents replayed 3, splits 2"));
  EXPECT_THAT(text, HasSubstr("kill node 3.1 s"));
  EXPECT_THAT(text, HasSubstr("table users: 10 rows expected, 0 lost"));
  EXPECT_THAT(text, HasSubstr("\npassed: 0 lost, 0 doubled\n"));
  EXPECT_THAT(text, Not(HasSubstr("never fired")));
}

TEST(ChaosReport, FailsForALostADoubledAndAForeignRow) {
  for (const auto which : {0, 1, 2}) {
    auto bad = sound_report(5);
    auto& table = bad.tables.front();
    (which == 0 ? table.lost : which == 1 ? table.doubled : table.foreign) = 1;
    table.example = "partition 0, offset 7";
    EXPECT_FALSE(has_passed(bad)) << which;
    EXPECT_THAT(to_text(bad), HasSubstr("FAILED"));
    EXPECT_THAT(to_text(bad), HasSubstr("    partition 0, offset 7\n"));
  }
}

TEST(ChaosReport, TellsHowManyWindowsOfGoldWereCompared) {
  auto sound = sound_report(5);
  sound.golds = {{"days", 12, 40, 0, ""}, {"hops", 25, 60, 0, ""}};
  sound.gold_runs = {{"done", 300}, {"failed", 21}};
  EXPECT_TRUE(has_passed(sound));
  const auto text = to_text(sound);
  EXPECT_THAT(text, HasSubstr("gold days: 12 windows compared, 40 rows "
                              "expected, 0 windows that differ\n"));
  EXPECT_THAT(text, HasSubstr("gold runs: done 300, failed 21\n"));
  EXPECT_THAT(text, HasSubstr("\npassed: 0 lost, 0 doubled, 0 of 37 windows "
                              "of gold differ\n"));
  const auto json = nlohmann::json::parse(to_json(sound));
  EXPECT_EQ(json["windows_compared"], 37);
  EXPECT_EQ(json["windows_different"], 0);
  EXPECT_EQ(json["golds"][1]["gold"], "hops");
  EXPECT_EQ(json["gold_runs"]["failed"], 21);
}

TEST(ChaosReport, FailsForAWindowOfGoldThatDiffers) {
  auto bad = sound_report(5);
  bad.golds = {{"days", 12, 40, 1, "window W: 1 rows missing"}};
  EXPECT_FALSE(has_passed(bad));
  EXPECT_THAT(to_text(bad), HasSubstr("    window W: 1 rows missing\n"));
  EXPECT_THAT(to_text(bad), HasSubstr("FAILED: 0 lost, 0 doubled, 1 of 12"));
}

TEST(ChaosReport, FailsForAViolationAndForComparingNothing) {
  auto bad = sound_report(5);
  bad.violations = {"node 1 ended by itself"};
  EXPECT_FALSE(has_passed(bad));
  EXPECT_THAT(to_text(bad), HasSubstr("violation: node 1 ended by itself\n"));
  auto empty = sound_report(5);
  empty.tables.clear();
  EXPECT_FALSE(has_passed(empty));
}

TEST(ChaosReport, FailsALongRunForASilentMechanismAndToldInAShortOne) {
  auto silent = sound_report(rounds_for_all_mechanisms);
  silent.mechanisms.push_back({"commits refused", 0});
  EXPECT_THAT(silent_mechanisms(silent), ElementsAre("commits refused"));
  EXPECT_FALSE(has_passed(silent));
  EXPECT_THAT(to_text(silent),
              HasSubstr("never fired, which fails the run: commits refused"));
  silent.rounds = rounds_for_all_mechanisms - 1;
  EXPECT_TRUE(has_passed(silent));
  EXPECT_THAT(to_text(silent),
              HasSubstr("never fired (so short a run may): commits refused"));
}

TEST(ChaosReport, DoesNotPassWhenItWasInterrupted) {
  auto stopped = sound_report(5);
  stopped.interrupted = true;
  EXPECT_FALSE(has_passed(stopped));
  EXPECT_THAT(to_text(stopped), HasSubstr("\ninterrupted: "));
}

TEST(ChaosReport, IsTheSameInJson) {
  auto made = sound_report(5);
  made.tables.front().lost = 2;
  made.mechanisms.push_back({"unheard of", 0, true});
  const auto json = nlohmann::json::parse(to_json(made));
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["rounds"], 5);
  EXPECT_EQ(json["lost"], 2);
  EXPECT_EQ(json["doubled"], 0);
  EXPECT_EQ(json["disasters"]["kill node"], 7);
  EXPECT_EQ(json["mechanisms"]["intents replayed"], 3);
  EXPECT_TRUE(json["mechanisms"]["unheard of"].is_null());
  EXPECT_EQ(json["longest_gap_seconds"]["kill node"], 3.1);
  EXPECT_EQ(json["tables"][0]["table"], "users");
}

} // namespace
} // namespace sluice::chaos
