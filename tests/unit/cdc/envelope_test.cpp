#include <gtest/gtest.h>

#include <string>

#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::ignore_reason;
using cdc::reject_reason;
using cdc::verdict;

table_under_test users() {
  return table_under_test({column("id", "Int32"), column("name", "String")},
                          {"id"});
}

table_under_test log() {
  return table_under_test({column("id", "Int32"), column("name", "String")});
}

const std::string key = R"({"id":1})";
const std::string row = R"({"id":1,"name":"Ann"})";

std::string change(const std::string& op, const std::string& after,
                   const std::string& before = "null") {
  return R"({"before":)" + before + R"(,"after":)" + after
         + R"(,"source":{"lsn":5},"op":")" + op + R"(","ts_ms":1})";
}

void expect_ignored(table_under_test& table, bytes key_bytes, bytes value,
                    ignore_reason why) {
  const auto result = table.decode(key_bytes, value);
  EXPECT_EQ(result.what, verdict::ignored)
      << value.value_or("null") << ": " << result.detail;
  EXPECT_EQ(cdc::to_string(result.ignored), cdc::to_string(why))
      << value.value_or("null");
}

void expect_rejected(table_under_test& table, bytes key_bytes, bytes value,
                     reject_reason why) {
  const auto result = table.decode(key_bytes, value);
  EXPECT_EQ(result.what, verdict::rejected) << value.value_or("null");
  EXPECT_EQ(cdc::to_string(result.rejected), cdc::to_string(why))
      << value.value_or("null") << ": " << result.detail;
  EXPECT_FALSE(result.detail.empty());
  EXPECT_EQ(result.detail.find('\n'), std::string::npos);
  EXPECT_EQ(table.row_count(), 0U);
}

} // namespace

TEST(Envelope, InsertsReadsAndUpdatesBecomeRowsWithTheirOrigin) {
  auto table = users();
  EXPECT_EQ(table.decode(key, change("c", row), 10).what, verdict::upserted);
  EXPECT_EQ(table.decode(key, change("r", row), 11).what, verdict::upserted);
  EXPECT_EQ(table.decode(key, change("u", row), 12).what, verdict::upserted);
  EXPECT_EQ(table.decode(key, change("C", row), 13).what, verdict::upserted);
  const auto rows = table.rows(true);
  ASSERT_EQ(rows.size(), 4U);
  const auto version = (std::uint64_t{table_under_test::epoch} << 48U) + 10;
  EXPECT_EQ(rows.front(),
            (std::vector<std::string>{"1", "Ann", "3", "10", "2",
                                      std::to_string(version), "0"}));
  EXPECT_EQ(rows.back()[3], "13");
}

TEST(Envelope, TheOrderOfMembersNeverMatters) {
  auto table = users();
  for (const auto& value :
       {std::string(R"({"op":"u","after":{"name":"Ann","id":1}})"),
        std::string(R"({"after":{"id":1,"name":"Ann"},"op":"u"})"),
        std::string(R"({"x":{},"after":{"id":1,"q":[1],"name":"Ann"},)"
                    R"("op":"u","source":null})"),
        std::string(R"({"payload":{"op":"u","after":{"name":"Ann","id":1}},)"
                    R"("schema":{}})"),
        std::string(R"({"\u006fp":"\u0075","\u0061fter":{"\u0069d":1,)"
                    R"("name":"\u0041nn"}})")})
    EXPECT_EQ(table.decode(key, value).what, verdict::upserted) << value;
  for (const auto& decoded : table.rows())
    EXPECT_EQ(decoded, (std::vector<std::string>{"1", "Ann"}));
}

TEST(Envelope, IsUnwrappedIndependentlyOfTheKey) {
  auto table = users();
  const auto wrap = [](const std::string& payload) {
    return R"({"schema":{"type":"struct"},"payload":)" + payload + "}";
  };
  EXPECT_EQ(table.decode(wrap(key), change("d", "null")).what,
            verdict::deleted);
  EXPECT_EQ(table.decode(key, wrap(change("d", "null"))).what,
            verdict::deleted);
  EXPECT_EQ(table.decode(key, R"({"payload":)" + change("c", row) + "}").what,
            verdict::upserted);
  EXPECT_EQ(
      table.decode(key, R"({"schema":null,"payload":)" + change("c", row) + "}")
          .what,
      verdict::upserted);
  EXPECT_EQ(table.row_count(), 4U);
}

TEST(Envelope, EveryFormOfNoValueIsATombstone) {
  auto table = users();
  expect_ignored(table, key, std::nullopt, ignore_reason::tombstone);
  expect_ignored(table, key, "null", ignore_reason::tombstone);
  expect_ignored(table, key, R"({"schema":{},"payload":null})",
                 ignore_reason::tombstone);
  expect_rejected(table, std::nullopt, std::nullopt,
                  reject_reason::missing_key);
  expect_rejected(table, key, "", reject_reason::not_json);
  auto append = log();
  expect_ignored(append, key, std::nullopt, ignore_reason::not_an_insert);
}

TEST(Envelope, ADeleteTakesItsKeyFromTheMessageKey) {
  auto table = users();
  const auto result = table.decode(
      key, change("d", "null", R"({"id":7,"name":"not the old name"})"), 5);
  EXPECT_EQ(result.what, verdict::deleted);
  EXPECT_EQ(table.rows(true).front(),
            (std::vector<std::string>{
                "1", "", "3", "5", "2",
                std::to_string((std::uint64_t{2} << 48U) + 5), "1"}));
}

TEST(Envelope, ADeleteWithoutAReadableKeyFallsBackToBefore) {
  auto table = users();
  for (const bytes broken :
       {bytes(), bytes("not json"), bytes("5"), bytes(R"({"other":1})"),
        bytes(R"({"id":1,"id":2})"), bytes(R"({"id":null})")})
    EXPECT_EQ(table.decode(broken, change("d", "null", R"({"id":7})")).what,
              verdict::deleted)
        << broken.value_or("null");
  for (const auto& decoded : table.rows())
    EXPECT_EQ(decoded.front(), "7");
  expect_rejected(table, std::nullopt, change("d", "null"),
                  reject_reason::missing_key);
  expect_rejected(table, "not json", change("d", "null", "[]"),
                  reject_reason::missing_key);
}

TEST(Envelope, AKeyColumnThatTheRowLacksComesFromTheMessageKey) {
  auto table = users();
  const auto added = R"({"id":1,"__dbz__physicalTableIdentifier":"a.b"})";
  EXPECT_EQ(table.decode(added, change("u", R"({"name":"Ann"})")).what,
            verdict::upserted);
  EXPECT_EQ(table.rows().front().front(), "1");
  expect_rejected(table, R"({"x":1})", change("u", R"({"name":"Ann"})"),
                  reject_reason::missing_key);
  expect_rejected(table, R"({"id":null})",
                  change("u", R"({"id":null,"name":"Ann"})"),
                  reject_reason::missing_key);
}

TEST(Envelope, TheRowWinsOverTheMessageKey) {
  auto table = users();
  EXPECT_EQ(table.decode(key, change("u", R"({"id":2,"name":"B"})")).what,
            verdict::upserted);
  EXPECT_EQ(table.rows().front().front(), "2");
}

TEST(Envelope, AnAppendTableKeepsInsertsOnly) {
  auto table = log();
  EXPECT_EQ(table.decode(key, change("c", row)).what, verdict::upserted);
  EXPECT_EQ(table.decode(key, change("r", row)).what, verdict::upserted);
  expect_ignored(table, key, change("u", row), ignore_reason::not_an_insert);
  expect_ignored(table, key, change("d", "null"), ignore_reason::not_an_insert);
  EXPECT_EQ(table.rows(true).front(),
            (std::vector<std::string>{"1", "Ann", "3", "0", "2"}));
}

TEST(Envelope, WhatIsNoRowIsRecognisedAndIgnored) {
  auto table = users();
  expect_ignored(table, std::nullopt, change("t", "null"),
                 ignore_reason::truncate);
  expect_ignored(table, R"({"prefix":"p"})",
                 R"({"op":"m","message":{"prefix":"p","content":"aGk="}})",
                 ignore_reason::logical_message);
  expect_ignored(table, std::nullopt, R"({"ts_ms":1})",
                 ignore_reason::heartbeat);
  expect_ignored(table, std::nullopt, R"({"schema":{},"payload":{"ts_ms":1}})",
                 ignore_reason::heartbeat);
  expect_ignored(table, std::nullopt,
                 R"({"status":"BEGIN","id":"5:6","ts_ms":1})",
                 ignore_reason::transaction_marker);
  expect_ignored(table, std::nullopt,
                 R"({"source":{},"ts_ms":1,"ddl":"x","tableChanges":[]})",
                 ignore_reason::schema_change);
}

TEST(Envelope, AnUnknownOperationIsRejected) {
  auto table = users();
  for (const auto* op :
       {"\"x\"", "null", "1", "\"\"", "\"cc\"", "[]", "\"\\ud800\""})
    expect_rejected(table, key,
                    R"({"op":)" + std::string(op) + R"(,"after":)" + row + "}",
                    reject_reason::unknown_operation);
  expect_rejected(table, key, R"({"after":)" + row + "}",
                  reject_reason::unknown_operation);
}

TEST(Envelope, WhatIsNoEnvelopeIsRejected) {
  auto table = users();
  for (const auto* value :
       {"5", "[]", "\"x\"", "true", "{}", R"({"id":1,"name":"x"})",
        R"({"payload":5})", R"({"payload":[]})", R"({"schema":5,"payload":{}})",
        R"({"schema":{},"payload":{}})", R"({"schema":{}})",
        R"({"op":"c","source":"x","after":{"id":1,"name":"x"}})",
        R"({"ts_ms":1,"name":"x"})"})
    expect_rejected(table, key, value, reject_reason::no_envelope);
}

TEST(Envelope, ARowThatIsMissingOrNoObjectIsRejected) {
  auto table = users();
  expect_rejected(table, key, change("u", "null"), reject_reason::missing_row);
  expect_rejected(table, key, change("c", "null"), reject_reason::missing_row);
  expect_rejected(table, key, R"({"op":"r"})", reject_reason::missing_row);
  expect_rejected(table, key, change("u", "\"x\""), reject_reason::wrong_type);
  expect_rejected(table, key, change("u", "[]"), reject_reason::wrong_type);
  expect_rejected(table, key, change("u", "5"), reject_reason::wrong_type);
}

TEST(Envelope, MembersThatCountMayNotOccurTwice) {
  auto table = users();
  expect_rejected(table, key,
                  R"({"op":"c","after":{"id":1,"name":"x"},"op":"d"})",
                  reject_reason::not_json);
  expect_rejected(table, key, change("c", R"({"id":1,"id":2,"name":"x"})"),
                  reject_reason::not_json);
  expect_rejected(table, key, change("c", R"({"id":1,"\u0069d":1,"name":"x"})"),
                  reject_reason::not_json);
  EXPECT_EQ(
      table.decode(key, change("c", R"({"id":1,"name":"x","y":1,"y":2})")).what,
      verdict::upserted);
}

TEST(Envelope, SourceMetadataNeverFailsTheRow) {
  auto table = users();
  for (const auto* source :
       {R"({"lsn":-9223372036854776000,"sequence":"[null,\"1\"]"})",
        R"({"lsn":null,"snapshot":true})", R"({"lsn":"x","snapshot":"first"})",
        "null", "{}"})
    EXPECT_EQ(table
                  .decode(key, R"({"op":"r","after":)" + row + R"(,"source":)"
                                   + source + "}")
                  .what,
              verdict::upserted)
        << source;
}

TEST(Envelope, ColumnsNamedLikeTheEnvelopeAreStillColumns) {
  table_under_test table({column("payload", "Int32"), column("op", "String"),
                          column("schema", "String")},
                         {"payload"});
  EXPECT_EQ(table
                .decode(R"({"payload":4})",
                        change("c", R"({"payload":4,"op":"x","schema":"s"})"))
                .what,
            verdict::upserted);
  EXPECT_EQ(table.decode(R"({"payload":4})", change("d", "null")).what,
            verdict::deleted);
  const auto rows = table.rows();
  EXPECT_EQ(rows[0], (std::vector<std::string>{"4", "x", "s"}));
  EXPECT_EQ(rows[1].front(), "4");
}

TEST(Envelope, TrailingWhiteSpaceIsAcceptedAndNothingElse) {
  auto table = users();
  EXPECT_EQ(table.decode(key, change("c", row) + " \r\n").what,
            verdict::upserted);
  table.rows();
  expect_rejected(table, key, change("c", row) + "{}", reject_reason::not_json);
  expect_rejected(table, key, change("c", row) + "\"", reject_reason::not_json);
  expect_rejected(table, key, "\xEF\xBB\xBF" + change("c", row),
                  reject_reason::not_json);
}

TEST(Envelope, LimitsAreNamed) {
  auto table = users();
  const std::string deep(10'000, '[');
  expect_rejected(table, key,
                  R"({"x":)" + deep + std::string(10'000, ']') + "}",
                  reject_reason::too_deep);
  expect_rejected(
      table, key,
      change("c", R"({"id":1,"name":)" + deep + std::string(10'000, ']') + "}"),
      reject_reason::too_deep);
  const std::string large((16U << 20U) + 1, ' ');
  expect_rejected(table, key, large, reject_reason::too_large);
  expect_rejected(table, large, change("d", "null"), reject_reason::too_large);
}

TEST(Envelope, UnicodeThatIsNoneIsRejected) {
  auto table = users();
  const auto named = [](const std::string& name) {
    return change("c", R"({"id":1,"name":")" + name + "\"}");
  };
  for (const auto* bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\\ud800",
                          "\\udc00", "\\ud800\\u0041", "\\x", "\\u12g4"})
    expect_rejected(table, key, named(bad), reject_reason::bad_encoding);
  EXPECT_EQ(table.decode(key, named("a\\u0000b\\ud83d\\ude00\\n")).what,
            verdict::upserted);
  EXPECT_EQ(table.rows().front()[1], std::string("a\0b\xF0\x9F\x98\x80\n", 8));
}

TEST(Envelope, ValuesOfTheRecordItselfFillColumns) {
  table_under_test table(
      {column("id", "Int32"), column("at", "DateTime64(3)", "@timestamp"),
       column("day", "Nullable(DateTime64(0))", "@timestamp"),
       column("off", "UInt64", "@offset"),
       column("part", "String", "@partition"),
       column("key", "Nullable(String)", "@key"), column("op", "String", "@op"),
       column("tag", "Nullable(String)", "@headers.tag"),
       column("n", "Nullable(Int32)", "@headers.n")},
      {"id"});
  const std::vector<kafka::header> headers = {
      {"tag", "old"}, {"n", "12"}, {"tag", "new"}};
  EXPECT_EQ(table
                .decode(key, change("u", R"({"id":1})"), 8, headers,
                        1'700'000'000'000)
                .what,
            verdict::upserted);
  EXPECT_EQ(
      table.decode(key, change("d", "null"), 9, {}, 1'700'000'000'999).what,
      verdict::deleted);
  const auto rows = table.rows();
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"1", "1700000000000", "1700000000", "8",
                                      "3", key, "u", "new", "12"}));
  EXPECT_EQ(rows[1],
            (std::vector<std::string>{"1", "1700000000999", "1700000000", "9",
                                      "3", key, "d", "NULL", "NULL"}));
  expect_rejected(table, key, change("u", R"({"id":1})"),
                  reject_reason::null_value);
  const std::vector<kafka::header> bad = {{"tag", "\xFF"}};
  EXPECT_EQ(table.decode(key, change("u", R"({"id":1})"), 8, bad, 1).rejected,
            reject_reason::bad_encoding);
}

TEST(Envelope, UnchangedToastIsRejectedInUpdatesAndDataInInserts) {
  const std::string placeholder = "\"__debezium_unavailable_value\"";
  table_under_test table({column("id", "Int32"), column("v", "String"),
                          column("list", "Array(String)"),
                          column("numbers", "Array(Int32)"),
                          raw(column("map", "Nullable(String)"))},
                         {"id"});
  const auto with_values = [](const std::string& v, const std::string& list,
                              const std::string& numbers,
                              const std::string& map) {
    return R"({"id":1,"v":)" + v + R"(,"list":)" + list + R"(,"numbers":)"
           + numbers + R"(,"map":)" + map + "}";
  };
  std::string codes;
  for (const char c : std::string_view("__debezium_unavailable_value"))
    codes += (codes.empty() ? "" : ",") + std::to_string(int{c});
  for (const auto& after :
       {with_values(placeholder, "[]", "[]", "null"),
        with_values("\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"", "[]", "[]",
                    "null"),
        with_values("\"\"", "[" + placeholder + "]", "[]", "null"),
        with_values("\"\"", "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]", "[]",
                    "null"),
        with_values("\"\"", "[]", "[" + codes + "]", "null"),
        with_values("\"\"", "[]", "[]",
                    "{" + placeholder + ":" + placeholder + "}")}) {
    expect_rejected(table, key, change("u", after),
                    reject_reason::unchanged_toast);
    EXPECT_EQ(table.decode(key, change("c", after)).what, verdict::upserted);
    table.rows();
  }
  EXPECT_EQ(
      table
          .decode(key,
                  change("u", with_values("\"x__debezium_unavailable_value\"",
                                          "[" + placeholder + ",\"b\"]", "[95]",
                                          "{\"a\":" + placeholder + "}")))
          .what,
      verdict::upserted);
}

} // namespace sluice::cdc_test
