#include "plan/print.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "plan/aligned_text.hpp"
#include "tests/unit/plan/example.hpp"

namespace sluice::plan {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::sys_seconds now{
    std::chrono::sys_days{std::chrono::year{2026} / 2 / 20}
    + std::chrono::hours{12}};

std::string text_of(const topology::topology& what) {
  return print(what, lay_out_example(what), {}, now);
}

TEST(AlignedText, PadsByCharactersAndLeavesNoSpacesAtTheEnd) {
  aligned_text rows{"  "};
  rows.add({"ab", "x", "last"});
  rows.add({"日本語", "", ""});
  EXPECT_EQ(rows.text(), "  ab   x  last\n  日本語\n");
}

TEST(Print, ShowsTopicsTheirTablesAndGold) {
  const auto text = text_of(read_example());
  EXPECT_THAT(text, HasSubstr("pipeline shop (shop.yaml)"));
  EXPECT_THAT(text, HasSubstr("topic pg.public.users (debezium-json)\n"
                              "  table users\n"));
  EXPECT_THAT(text, HasSubstr("topic mongo.shop.events (debezium-mongodb)"));
  EXPECT_THAT(text, HasSubstr("gold activity"));
  EXPECT_LT(text.find("table users"), text.find("gold activity"));
}

TEST(Print, ShowsWhereEachColumnComesFrom) {
  const auto text = text_of(read_example());
  EXPECT_THAT(text, ContainsRegex("updated_at +DateTime64\\(6\\) +updated_at "
                                  "in us "));
  EXPECT_THAT(text, ContainsRegex("event_id +String +_id.\\$oid "));
  EXPECT_THAT(text, ContainsRegex("metadata +String +metadata as JSON text "));
  EXPECT_THAT(text, ContainsRegex("name_length +UInt64 += length"));
  EXPECT_THAT(text, ContainsRegex("region +String +constant 'eu' "));
  EXPECT_THAT(text, ContainsRegex("filter +user_id > 0"));
}

TEST(Print, SaysWhatAMappingMayLoseOrNothing) {
  const auto text = text_of(read_example());
  EXPECT_THAT(text, ContainsRegex("user_id +Int32 +user_id +integers outside"));
  EXPECT_THAT(text, ContainsRegex("kafka_offset +Int64 +@offset +nothing"));
}

TEST(Print, ShowsTheDdlAndTheSql) {
  const auto text = text_of(read_example());
  EXPECT_THAT(text, HasSubstr("CREATE TABLE IF NOT EXISTS `shop`.`users`"));
  EXPECT_THAT(text, HasSubstr("CREATE TABLE IF NOT EXISTS `shop`.`activity`"));
  EXPECT_THAT(text, HasSubstr("timestamp < {window_end}"));
}

TEST(Print, ShowsTheNextFiringOfEveryTrigger) {
  EXPECT_THAT(text_of(read_example()),
              HasSubstr("@daily, next at 2026-02-21 00:00:00 UTC"));
}

TEST(Print, NeverShowsAPassword) {
  auto what = read_example();
  what.clickhouse.url = "https://writer:url-secret@ch:8443";
  const auto text = text_of(what);
  const auto json = print_json(what, lay_out_example(what), {}, now);
  for (const auto& shown : {text, json}) {
    EXPECT_THAT(shown, Not(HasSubstr("secret")));
    EXPECT_THAT(shown, HasSubstr("sasl.password")) << "its name may be shown";
    EXPECT_THAT(shown, HasSubstr("https://ch:8443"));
  }
}

TEST(Print, ShowsMemoryTheInsertBudgetRecoveryAndWhereTablesStart) {
  auto what = read_example();
  what.tuning.inserts_per_second = 0.5;
  what.recovery.records_lost = topology::on_records_lost::proceed;
  what.tables[1].start = {topology::table_start::kind::offset, 42, {}};
  const auto text = text_of(what);
  EXPECT_THAT(text, HasSubstr("256 MiB of memory a node, 0.5 inserts per "
                              "second a table"));
  EXPECT_THAT(text, HasSubstr("silver_ahead: stop, records_lost: continue, "
                              "topic_replaced: stop, partitions_added: stop"));
  EXPECT_THAT(text, ContainsRegex("starts at +earliest where it has no"));
  EXPECT_THAT(text, ContainsRegex("starts at +offset 42 where it has no"));
  const auto plan =
      nlohmann::json::parse(print_json(what, lay_out_example(what), {}, now));
  EXPECT_EQ(plan["tuning"]["memory_bytes"], 256U << 20U);
  EXPECT_EQ(plan["tuning"]["inserts_per_second"], 0.5);
  EXPECT_EQ(plan["recovery"]["records_lost"], "continue");
  EXPECT_EQ(plan["recovery"]["silver_ahead"], "stop");
  EXPECT_EQ(plan["tables"][0]["start"], "earliest");
  EXPECT_EQ(plan["tables"][1]["start"], "offset 42");
}

TEST(Print, SaysHowOftenATableGetsAnInsertAndHowFreshItIs) {
  auto what = read_example();
  what.tables[1].partition_by = "toYYYYMM(timestamp)";
  const partition_counts counts{{"pg.public.users", 4},
                                {"mongo.shop.events", 64}};
  const auto text = print(what, lay_out_example(what), counts, now);
  EXPECT_THAT(text, ContainsRegex("inserts +4 per second while all 4"));
  EXPECT_THAT(text, ContainsRegex("parts +one for each INSERT\n"));
  EXPECT_THAT(text, ContainsRegex("freshness +about 1 second and"));
  EXPECT_THAT(text, ContainsRegex("inserts +10 per second while all 64"));
  EXPECT_THAT(text, ContainsRegex("INSERT and value of toYYYYMM"));
  EXPECT_THAT(text, ContainsRegex("freshness +about 6400 ms and"));
  EXPECT_THAT(
      text_of(what),
      ContainsRegex("inserts +1 per second and partition .* at most 10"))
      << "partitions that nobody has counted";
  EXPECT_THAT(text_of(what), HasSubstr("longer with more than 10 partitions"));
  const auto plan = nlohmann::json::parse(
      print_json(what, lay_out_example(what), counts, now));
  EXPECT_EQ(plan["tables"][0]["inserts"]["inserts_per_second"], 4.0);
  EXPECT_EQ(plan["tables"][1]["inserts"]["cut_age_ms"], 6400);
  what.tuning.inserts_per_second = what.tuning.node_inserts_per_second = 1;
  EXPECT_THAT(print(what, lay_out_example(what), counts, now),
              HasSubstr("while all tables have records, on one node; less on "
                        "more nodes"));
  const auto unknown =
      nlohmann::json::parse(print_json(what, lay_out_example(what), {}, now));
  EXPECT_TRUE(unknown["tables"][0]["inserts"].is_null());
}

TEST(Print, SaysWhatBecomesOfRowsOutsideOfAllWindows) {
  auto what = read_example();
  EXPECT_THAT(text_of(what),
              ContainsRegex("outside +event times before 1980-01-01 00:00:00 "
                            "UTC or more than 1 day ahead: in silver and "
                            "counted, in no window\n"));
  what.golds.at(0).window.outside = topology::on_outside::quarantine;
  EXPECT_THAT(text_of(what), HasSubstr("1 day ahead: the record goes to the "
                                       "dead-letter topic\n"));
  const auto plan =
      nlohmann::json::parse(print_json(what, lay_out_example(what), {}, now));
  EXPECT_EQ(plan["gold"][0]["window"]["outside"], "quarantine");
  EXPECT_EQ(plan["gold"][0]["window"]["ahead_seconds"], 86'400);
}

TEST(Print, ShowsWhenAGoldIsRunAndWhatItJoins) {
  auto what = read_example();
  auto& gold = what.golds.at(0);
  EXPECT_THAT(text_of(what), Not(ContainsRegex("    (refresh|waits|joins) ")));
  gold.on_change = true;
  gold.refresh = "every 6h";
  gold.debounce = std::chrono::seconds{3};
  gold.max_staleness = std::chrono::minutes{2};
  gold.after = {"b", "c"};
  gold.joins = {{"users",
                 "id",
                 "user_id",
                 topology::on_join::rerun,
                 topology::on_join::next_run,
                 {}}};
  const auto text = text_of(what);
  EXPECT_THAT(text, ContainsRegex("trigger +@daily, next at .*; missed windows "
                                  "stay missed; change: when rows of a window "
                                  "that is closed have changed; after each run "
                                  "of gold b, c, for the windows"));
  EXPECT_THAT(text, ContainsRegex("refresh +every 6h, for changed windows that "
                                  "are open, next at 2026-02-20 18:00:00 UTC"));
  EXPECT_THAT(text, ContainsRegex("waits +until nothing has changed for 3 "
                                  "seconds, at most 2 minutes after"));
  EXPECT_THAT(text,
              ContainsRegex("joins +users.id = events.user_id; a row that "
                            "appears or goes: rerun, that changes: "
                            "next_run"));
  EXPECT_THAT(text, HasSubstr("2 gold runs at once"));
  gold.trigger.clear();
  gold.on_watermark = true;
  EXPECT_THAT(text_of(what), ContainsRegex("trigger +watermark: when it has "
                                           "passed a window's end"));
}

TEST(Print, SaysThatAGoldWithoutTriggersIsRunByHand) {
  auto what = read_example();
  what.golds.at(0).trigger.clear();
  EXPECT_THAT(text_of(what), ContainsRegex("trigger +only by hand"));
}

TEST(PrintJson, HasWhenAGoldIsRunAndWhatItJoins) {
  auto what = read_example();
  const auto gold_of = [&what] {
    return nlohmann::json::parse(
        print_json(what, lay_out_example(what), {}, now))["gold"][0];
  };
  EXPECT_TRUE(gold_of()["refresh"].is_null());
  EXPECT_TRUE(gold_of()["joins"].empty());
  EXPECT_EQ(gold_of()["debounce_ms"], 5'000);
  EXPECT_EQ(gold_of()["max_staleness_ms"], 60'000);
  auto& gold = what.golds.at(0);
  gold.on_change = gold.on_watermark = true;
  gold.refresh = "every 6h";
  gold.after = {"b"};
  gold.joins = {{"users",
                 "id",
                 "user_id",
                 topology::on_join::rerun,
                 topology::on_join::next_run,
                 {}}};
  const auto shown = gold_of();
  EXPECT_EQ(shown["triggers"][1]["on"], "watermark");
  EXPECT_EQ(shown["triggers"][2]["on"], "change");
  EXPECT_EQ(shown["refresh"]["next"], "2026-02-20 18:00:00 UTC");
  EXPECT_EQ(shown["after"][0], "b");
  EXPECT_EQ(shown["joins"][0]["table"], "users");
  EXPECT_EQ(shown["joins"][0]["over_column"], "user_id");
  EXPECT_EQ(shown["joins"][0]["appears"], "rerun");
  EXPECT_EQ(shown["joins"][0]["changes"], "next_run");
}

TEST(PrintJson, HasTheSameForScripts) {
  const auto what = read_example();
  const auto plan =
      nlohmann::json::parse(print_json(what, lay_out_example(what), {}, now));
  EXPECT_EQ(plan["pipeline"], "shop");
  EXPECT_EQ(plan["tables"][0]["columns"][2]["unit"], "us");
  EXPECT_EQ(plan["tables"][1]["columns"][0]["from"], "_id.$oid");
  EXPECT_TRUE(plan["tables"][1]["columns"][4]["may_lose"].empty());
  EXPECT_FALSE(plan["tables"][0]["columns"][0]["may_lose"].empty());
  EXPECT_EQ(plan["gold"][0]["window"]["every"], "1 day");
  EXPECT_EQ(plan["gold"][0]["timezone"], "UTC");
  EXPECT_EQ(plan["gold"][0]["triggers"][0]["next"], "2026-02-21 00:00:00 UTC");
}

TEST(PrintJson, SurvivesBytesThatAreNotUtf8) {
  auto what = read_example();
  what.tables[0].filter = "full_name != '\xff'";
  EXPECT_TRUE(
      nlohmann::json::accept(print_json(what, lay_out_example(what), {}, now)));
}

} // namespace
} // namespace sluice::plan
