#include <gtest/gtest.h>

#include <string>

#include "cdc/json_string.hpp"
#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::ignore_reason;
using cdc::reject_reason;
using cdc::verdict;

std::string quoted(const std::string& json) {
  std::string result;
  cdc::append_json_string(json, result);
  return result;
}

std::string change(const std::string& op, const std::string& after) {
  return R"({"before":null,"after":)" + quoted(after)
         + R"(,"updateDescription":null,"source":{},"op":")" + op + "\"}";
}

std::string key_of(const std::string& id) {
  return R"({"id":)" + quoted(id) + "}";
}

const std::string removed =
    R"({"before":null,"after":null,"source":{},"op":"d"})";

table_under_test one(const topology::column& target) {
  return table_under_test({target}, {}, record_format::debezium_mongodb);
}

std::string convert(const topology::column& target, const std::string& json) {
  auto table = one(target);
  const auto result =
      table.decode(std::nullopt, change("c", R"({"v": )" + json + "}"));
  if (result.what == verdict::upserted)
    return table.rows().front().front();
  return "!" + std::string(cdc::to_string(result.rejected));
}

std::string convert(const std::string& type, const std::string& json) {
  return convert(column("v", type), json);
}

} // namespace

TEST(Mongodb, DatesAreTheSameInEveryDialect) {
  for (const auto* json : {R"({"$date": 1783101585729})",
                           R"({"$date": "2026-07-03T17:59:45.729Z"})",
                           R"({"$date": {"$numberLong": "1783101585729"}})"}) {
    EXPECT_EQ(convert("DateTime64(3)", json), "1783101585729") << json;
    EXPECT_EQ(convert(column("v", "DateTime64(6)", "v.$date"), json),
              "1783101585729000");
    EXPECT_EQ(convert("String", json), "2026-07-03T17:59:45.729Z") << json;
    EXPECT_EQ(convert("Int64", json), "!wrong_type");
    EXPECT_EQ(convert("DateTime", json), "!inexact");
  }
  EXPECT_EQ(convert("DateTime64(3)", R"({"$date": -1})"), "-1");
  EXPECT_EQ(convert("DateTime64(3)", R"({"$date": {"$numberLong": "-1"}})"),
            "-1");
  EXPECT_EQ(convert("DateTime64(3)", R"({"$date": "2026-07-03T17:59:45Z"})"),
            "1783101585000");
  EXPECT_EQ(convert("DateTime", R"({"$timestamp": {"t": 5, "i": 1}})"), "5");
  EXPECT_EQ(convert("DateTime64(3)", "1783101585729"), "!wrong_type");
}

TEST(Mongodb, NumbersAreTheSameInEveryDialect) {
  for (const auto* json :
       {"42", R"({"$numberInt": "42"})", R"({"$numberLong": "42"})",
        R"({"$numberDouble": "42"})", R"({"$numberDecimal": "42"})"}) {
    EXPECT_EQ(convert("Int64", json), "42") << json;
    EXPECT_EQ(convert("Decimal(10, 2)", json), "42.00") << json;
    EXPECT_EQ(convert("Float64", json), "42.000000") << json;
    EXPECT_EQ(convert("String", json), "42") << json;
    EXPECT_EQ(convert(column("v", "Int64", "v.$numberLong"), json), "42");
  }
  EXPECT_EQ(convert("Int64", R"({"$numberLong": "9223372036854775807"})"),
            "9223372036854775807");
  EXPECT_EQ(convert("Float64", "1.0E+10"), "10000000000.000000");
  EXPECT_EQ(convert("Decimal(38, 5)", R"({"$numberDecimal": "1E+3"})"),
            "1000.00000");
  EXPECT_EQ(convert("Decimal(4, 0)", R"({"$numberDecimal": "1234"})"), "1234");
  EXPECT_EQ(convert("Decimal(4, 0)", R"({"$numberDecimal": "-0"})"), "0");
  EXPECT_EQ(convert("Decimal(4, 0)", R"({"$numberDecimal": "NaN"})"),
            "!wrong_type");
  EXPECT_EQ(convert("Decimal(4, 0)", R"({"$numberDecimal": "Infinity"})"),
            "!out_of_range");
}

TEST(Mongodb, NonFiniteDoublesAreTheSameInEveryDialect) {
  EXPECT_EQ(convert("Float64", "NaN"), "nan");
  EXPECT_EQ(convert("Float64", "-Infinity"), "-inf");
  EXPECT_EQ(convert("Float64", R"({"$numberDouble": "Infinity"})"), "inf");
  EXPECT_EQ(convert("Float32", R"({"$numberDouble": "NaN"})"), "nan");
  EXPECT_EQ(convert("Int32", "NaN"), "!wrong_type");
  EXPECT_EQ(convert("String", "NaN"), "NaN");
}

TEST(Mongodb, OtherWrappers) {
  EXPECT_EQ(convert("String", R"({"$oid": "596e275826f08b2730779e1f"})"),
            "596e275826f08b2730779e1f");
  EXPECT_EQ(
      convert("UUID", R"({"$uuid": "550e8400-e29b-41d4-a716-446655440000"})"),
      "550e8400e29b41d4a716446655440000");
  for (const auto* json :
       {R"({"$binary": "VQ6EAOKbQdSnFkRmVUQAAA==", "$type": "04"})",
        R"({"$type": "04", "$binary": "VQ6EAOKbQdSnFkRmVUQAAA=="})",
        R"({"$binary": {"base64": "VQ6EAOKbQdSnFkRmVUQAAA==",)"
        R"( "subType": "04"}})"})
    EXPECT_EQ(convert("UUID", json), "550e8400e29b41d4a716446655440000");
  EXPECT_EQ(convert("UUID", R"({"$binary": "AP8=", "$type": "04"})"),
            "!bad_encoding");
  EXPECT_EQ(convert("String", R"({"$binary": "AP8=", "$type": "00"})"), "AP8=");
  EXPECT_EQ(convert("String", R"({"$symbol": "s"})"), "s");
  EXPECT_EQ(convert("Array(Int64)", R"([1, {"$numberLong": "2"}])"), "[1,2]");
}

TEST(Mongodb, WhatOnlyLooksLikeAWrapperIsADocument) {
  for (const auto* json :
       {R"({"$numberLong": 5})", R"({"$numberLong": "x"})",
        R"({"$numberLong": "5", "x": 1})", R"({"$oid": 5})", R"({"$date": []})",
        R"({"$date": {"$date": 5}})", R"({"$timestamp": {"t": 1}})",
        R"({"$minKey": 1})", R"({"$binary": "AP8="})", "{}",
        R"({"$ref": "a", "$id": 1, "$db": "b"})",
        R"({"$numberInt": "1", "$numberLong": "2", "$oid": "3"})"}) {
    EXPECT_EQ(convert("Int64", json), "!wrong_type") << json;
    EXPECT_EQ(convert("String", json), "!wrong_type") << json;
    EXPECT_EQ(convert(raw(column("v", "String")), json), json);
  }
}

TEST(Mongodb, RawKeepsTheDocumentsText) {
  const std::string metadata =
      R"({"page": "/a\"b", "n": {"$numberLong": "5"}, "d": 1.0E+10, "x": NaN})";
  EXPECT_EQ(convert(raw(column("v", "String")), metadata), metadata);
}

TEST(Mongodb, AnIdIsTheSameInKeyAndRow) {
  const std::vector<std::array<std::string, 3>> cases = {
      {R"({"$oid": "65bc9fb6c485f419a7a877fe"})",
       R"({"$oid": "65bc9fb6c485f419a7a877fe"})", "65bc9fb6c485f419a7a877fe"},
      {R"({"$numberLong": "1004"})", "1004", "1004"},
      {R"({"$numberInt": "1004"})", "1004", "1004"},
      {R"({"$numberDouble": "12.34"})", "12.34", "12.34"},
      {"1.0E+10", "1.0E10", "1e+10"},
      {"10.0", "10.0", "10"},
      {R"("1234")", R"("1234")", "1234"},
      {R"("a\"\u0041")", R"("a\"A")", "a\"A"},
      {R"({"$numberDecimal": "123.45678901234567890"})",
       R"({"$numberDecimal": "123.45678901234567890"})",
       "123.45678901234567890"},
      {R"({"$binary": "a2Fma2E=", "$type": "00"})",
       R"({"$binary": {"base64": "a2Fma2E=", "subType": "00"}})", "a2Fma2E="},
      {R"({"$date": 1783101585729})",
       R"({"$date": "2026-07-03T17:59:45.729Z"})", "2026-07-03T17:59:45.729Z"},
      {R"({"hi": "k\"", "nums": [{"$numberDouble": "10.0"}, )"
       R"({"$numberLong": "7"}], "x": {"y": null}})",
       R"({"hi":"k\"","nums":[10.0,7],"x":{"y":null}})",
       R"({"hi":"k\"","nums":[10,7],"x":{"y":null}})"},
      {"true", "true", "true"},
  };
  table_under_test table({column("_id", "String")}, {"_id"},
                         record_format::debezium_mongodb);
  for (const auto& [in_row, in_key, expected] : cases) {
    EXPECT_EQ(
        table.decode(key_of(in_key), change("u", R"({"_id": )" + in_row + "}"))
            .what,
        verdict::upserted)
        << in_row;
    EXPECT_EQ(table.decode(key_of(in_key), removed).what, verdict::deleted)
        << in_key;
    const auto rows = table.rows();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].front(), expected) << in_row;
    EXPECT_EQ(rows[1].front(), expected) << in_key;
  }
}

TEST(Mongodb, ADeleteFindsEveryFormOfTheKeyColumn) {
  const std::string oid = R"({"$oid": "65bc9fb6c485f419a7a877fe"})";
  table_under_test by_oid(
      {column("event_id", "String", "_id.$oid"), column("n", "Int32")},
      {"event_id"}, record_format::debezium_mongodb);
  EXPECT_EQ(by_oid.decode(key_of(oid), removed).what, verdict::deleted);
  EXPECT_EQ(by_oid.rows().front().front(), "65bc9fb6c485f419a7a877fe");
  EXPECT_EQ(by_oid.decode(key_of("5"), removed).rejected,
            reject_reason::wrong_type);
  EXPECT_EQ(
      by_oid.decode(key_of("5"), change("c", R"({"_id": 5, "n": 1})")).rejected,
      reject_reason::wrong_type);
  table_under_test by_number({column("id", "Int64", "_id")}, {"id"},
                             record_format::debezium_mongodb);
  EXPECT_EQ(by_number.decode(key_of("1004"), removed).what, verdict::deleted);
  EXPECT_EQ(by_number
                .decode(key_of("1004"),
                        change("c", R"({"_id": {"$numberLong": "1004"}})"))
                .what,
            verdict::upserted);
  table_under_test by_part({column("a", "Int32", "_id.a")}, {"a"},
                           record_format::debezium_mongodb);
  EXPECT_EQ(by_part.decode(key_of(R"({"a": 5, "b": 6})"), removed).what,
            verdict::deleted);
  EXPECT_EQ(by_part.rows().front().front(), "5");
}

TEST(Mongodb, ADeleteWithoutAKeyUsesThePreImage) {
  table_under_test table({column("_id", "String"), column("n", "Int32")},
                         {"_id"}, record_format::debezium_mongodb);
  EXPECT_EQ(table
                .decode(std::nullopt, R"({"op":"d","after":null,"before":)"
                                          + quoted(R"({"_id": 5, "n": 7})")
                                          + "}")
                .what,
            verdict::deleted);
  EXPECT_EQ(table.rows().front(), (std::vector<std::string>{"5", "0"}));
  for (const bytes key : {bytes(), bytes("{}"), bytes(R"({"id":5})"),
                          bytes(R"({"id":"{"})"), bytes(R"({"id":"null"})")}) {
    const auto result = table.decode(key, removed);
    EXPECT_EQ(result.rejected, reject_reason::missing_key);
    EXPECT_FALSE(result.detail.empty());
  }
}

TEST(Mongodb, AnUpdateWithoutItsDocumentIsRejected) {
  table_under_test table({column("_id", "String")}, {"_id"},
                         record_format::debezium_mongodb);
  const auto result = table.decode(
      key_of("1"), R"({"op":"u","after":null,"before":null,)"
                   R"("updateDescription":{"updatedFields":"{\"a\": 1}"}})");
  EXPECT_EQ(result.rejected, reject_reason::missing_row);
  EXPECT_NE(result.detail.find("change_streams_update_full"),
            std::string::npos);
  EXPECT_EQ(table.decode(key_of("1"), R"({"op":"r","after":null})").ignored,
            ignore_reason::snapshot_marker);
}

TEST(Mongodb, ADamagedDocumentIsRejected) {
  auto table = one(column("v", "Int32"));
  const auto reason = [&table](const std::string& after) {
    return table.decode(std::nullopt, R"({"op":"c","after":)" + after + "}")
        .rejected;
  };
  EXPECT_EQ(reason(quoted(R"({"v": 1}")")), reject_reason::not_json);
  EXPECT_EQ(reason(quoted(R"({"v": 1)")), reject_reason::not_json);
  EXPECT_EQ(reason(quoted("")), reject_reason::not_json);
  EXPECT_EQ(reason(quoted("5")), reject_reason::wrong_type);
  EXPECT_EQ(reason(R"({"v":1})"), reject_reason::wrong_type);
  EXPECT_EQ(reason(R"("{\"v\": \ud800}")"), reject_reason::bad_encoding);
  EXPECT_EQ(reason(quoted("{\"v\": 1, \"x\": " + std::string(2000, '[')
                          + std::string(2000, ']') + "}")),
            reject_reason::too_deep);
}

TEST(Mongodb, AnIdNestedDeeperThanMongodbAllowsIsRejected) {
  table_under_test table({column("_id", "String")}, {"_id"},
                         record_format::debezium_mongodb);
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(table.decode(key_of(nested(100)), removed).what, verdict::deleted);
  EXPECT_EQ(table.decode(key_of(nested(900)), removed).rejected,
            reject_reason::bad_encoding);
}

} // namespace sluice::cdc_test
