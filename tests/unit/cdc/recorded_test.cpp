#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recorded_events.hpp"
#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::verdict;
using rows = std::vector<std::vector<std::string>>;

// One letter a record: upserted, deleted, or what it was ignored or rejected
// for in brackets.
std::string play(table_under_test& table, const std::string& name) {
  std::string verdicts;
  for (const auto& event : recorded(name)) {
    const auto result = table.decode(event.key, event.value, event.offset);
    switch (result.what) {
    case verdict::upserted:
      verdicts += 'u';
      break;
    case verdict::deleted:
      verdicts += 'd';
      break;
    case verdict::ignored:
      verdicts += "(" + std::string(cdc::to_string(result.ignored)) + ")";
      break;
    case verdict::rejected:
      verdicts += "[" + std::string(cdc::to_string(result.rejected)) + "]";
      break;
    }
  }
  return verdicts;
}

topology::column micro(const std::string& name) {
  return with(column(name, "Nullable(DateTime64(6))"), time_unit::us);
}

table_under_test users() {
  return table_under_test(
      {column("user_id", "Int32"), column("full_name", "Nullable(String)"),
       column("email", "Nullable(String)"), micro("created_at"),
       micro("updated_at"), column("tier", "Nullable(Int64)")},
      {"user_id"});
}

const rows user_rows = {
    {"1", "Alice Snapshot", "alice@example.com", "1767323045123456",
     "1767323045123456", "NULL"},
    {"2", "Bob \"Quoted\" Ünïcödé 日本 \\ back", "bob@example.com",
     "1767323045000000", "NULL", "NULL"},
    {"3", "Carol", "carol@example.com", "1769940000500000", "1769940000500000",
     "NULL"},
    {"3", "Carol", "carol2@example.com", "1769940000500000", "1769940001000001",
     "NULL"},
    {"3", "NULL", "NULL", "NULL", "NULL", "NULL"},
    {"33", "Carol", "carol2@example.com", "1769940000500000",
     "1769940001000001", "NULL"},
    {"2", "NULL", "NULL", "NULL", "NULL", "NULL"},
    {"1", "Alice Snapshot", "alice@example.com", "1767323045123456",
     "1767323045123456", "NULL"},
    {"4", "Dave", "NULL", "NULL", "NULL", "9"},
    {"4", "Dave", "NULL", "NULL", "NULL", "10"},
    {"4", "Dave", "NULL", "NULL", "NULL", "11"},
    {"4", "NULL", "NULL", "NULL", "NULL", "NULL"},
};

table_under_test order_items() {
  return table_under_test(
      {column("order_item_id", "Int32"), column("order_id", "Nullable(Int32)"),
       column("sku", "Nullable(String)"), column("quantity", "Nullable(Int32)"),
       column("unit_price", "Nullable(Decimal(10, 2))")},
      {"order_item_id"});
}

const rows order_item_rows = {
    {"100", "10", "SKU-1", "2", "617.25"},
    {"101", "11", "SKU-2", "1", "-0.01"},
    {"102", "11", "SKU-3", "3", "0.00"},
    {"103", "11", "NULL", "NULL", "NULL"},
    {"102", "NULL", "NULL", "NULL", "NULL"},
    {"101", "11", "SKU-2", "5", "-0.01"},
    {"101", "NULL", "NULL", "NULL", "NULL"},
};

std::vector<topology::column> all_types(time_unit time) {
  const auto timed = [](const std::string& name, const std::string& type,
                        time_unit unit) {
    return with(with(column(name, "Nullable(" + type + ")"), unit),
                on_invalid::null);
  };
  return {column("id", "Int64"),
          column("b", "Nullable(Bool)"),
          column("i2", "Nullable(Int16)"),
          column("i8", "Nullable(Int64)"),
          column("f4", "Nullable(Float32)"),
          column("f8", "Nullable(Float64)"),
          column("n", "Nullable(Decimal(10, 2))"),
          with(column("nfree", "Nullable(Decimal(38, 6))"), on_invalid::null),
          timed("d", "Date32", time_unit::automatic),
          column("t", "Nullable(Int64)"),
          timed("ts", "DateTime64(6)", time),
          timed("ts3", "DateTime64(3)", time_unit::ms),
          timed("tstz", "DateTime64(6)", time_unit::automatic),
          column("u", "Nullable(UUID)"),
          column("jb", "Nullable(String)"),
          column("by", "Nullable(String)"),
          with(column("arr", "Array(Nullable(Int32))"), on_invalid::clamp),
          column("c", "Nullable(String)"),
          column("m", "Nullable(Decimal(19, 2))")};
}

// nfree has more digits than the column keeps, and infinities have none.
rows all_type_rows(const std::string& t, const std::string& midnight,
                   const std::string& ts, const std::string& first_ts) {
  return {{"1", "1", "-32768", "9223372036854775807", "1.500000", "0.100000",
           "12345678.90", "NULL", "20516", t, ts, "1772627696789",
           "1772620496789012", "6f9619ff8b86d011b42d00cf4fc964ff",
           R"({"b": [1, 2.50]})", "AP8Q", "[1,NULL,3]", "abc  ", "12.34"},
          {"2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL",
           "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[]", "NULL",
           "NULL"},
          {"3", "NULL", "NULL", "NULL", "NULL", "nan", "0.00", "NULL", "NULL",
           "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[]", "NULL",
           "NULL"},
          {"4", "NULL", "NULL", "NULL", "NULL", "inf", "-0.05",
           "1000000000000000000000000000000.000000", "NULL", midnight, first_ts,
           "NULL", "NULL", "NULL", "NULL", "NULL", "[]", "NULL", "NULL"}};
}

} // namespace

TEST(Recorded, UsersOfPostgres) {
  auto table = users();
  EXPECT_EQ(play(table, "json/postgres.public.users"),
            "uuuud(tombstone)ud(tombstone)uuuud(tombstone)");
  EXPECT_EQ(table.rows(), user_rows);
}

TEST(Recorded, UsersWithSchemas) {
  auto table = users();
  EXPECT_EQ(play(table, "json/pgschema.public.users"),
            "uuuud(tombstone)ud(tombstone)uuuud(tombstone)");
  EXPECT_EQ(table.rows(), user_rows);
}

TEST(Recorded, UsersWithoutTombstonesAndWrappedKeys) {
  auto table = users();
  EXPECT_EQ(play(table, "json/pgfull.public.users"), "uuuududuuuud");
  EXPECT_EQ(table.rows(), user_rows);
}

TEST(Recorded, FlattenedUsersAreRefusedByName) {
  auto table = users();
  for (const auto& event : recorded("json/pgflat.public.users")) {
    const auto result = table.decode(event.key, event.value);
    if (!event.value || event.value == "null")
      EXPECT_EQ(result.ignored, cdc::ignore_reason::tombstone);
    else
      EXPECT_EQ(result.rejected, cdc::reject_reason::no_envelope)
          << *event.value;
  }
  EXPECT_EQ(table.row_count(), 0U);
}

TEST(Recorded, OrderItemsWithTheirDecimals) {
  for (const auto* name : {"json/postgres.public.order_items",
                           "json/pgschema.public.order_items"}) {
    auto table = order_items();
    EXPECT_EQ(play(table, name), "uuuud(tombstone)ud(tombstone)");
    EXPECT_EQ(table.rows(), order_item_rows);
  }
  auto table = order_items();
  EXPECT_EQ(play(table, "json/pgfull.public.order_items"), "uuuudud(truncate)");
  EXPECT_EQ(table.rows(), order_item_rows);
}

TEST(Recorded, OrdersAreTheSameInEveryDecimalMode) {
  for (const auto& [name, unit] :
       {std::pair{"json/postgres.public.orders", time_unit::us},
        std::pair{"json/pgnum.public.orders", time_unit::us},
        std::pair{"json/pgstr.public.orders", time_unit::ms}}) {
    table_under_test table(
        {column("order_id", "Int32"), column("user_id", "Int32"),
         column("status", "String"), column("total", "Decimal(10, 2)"),
         with(column("created_at", "DateTime64(3)"), unit)},
        {"order_id"});
    EXPECT_EQ(play(table, name), "uuu");
    EXPECT_EQ(table.rows(),
              (rows{{"10", "1", "new", "1234.50", "1767398400000"},
                    {"11", "1", "new", "99999999.99", "1769990400000"},
                    {"11", "1", "paid", "100.00", "1769990400000"}}))
        << name;
  }
}

TEST(Recorded, EveryTypeOfPostgres) {
  const auto exact = all_type_rows("45296789012", "86400000000",
                                   "1772627696789012", "-2208988799999999");
  for (const auto* name :
       {"json/postgres.public.alltypes", "json/pgnum.public.alltypes",
        "json/pgschema.public.alltypes"}) {
    table_under_test table(all_types(time_unit::us), {"id"});
    EXPECT_EQ(play(table, name), "uuuu") << name;
    EXPECT_EQ(table.rows(), exact) << name;
    // The digits of nfree, three infinities and a date of year 1; arrays that
    // are NULL.
    EXPECT_EQ(table.policies().nulled, 5U) << name;
    EXPECT_EQ(table.policies().clamped, 3U) << name;
  }
  table_under_test table(all_types(time_unit::ms), {"id"});
  EXPECT_EQ(play(table, "json/pgstr.public.alltypes"), "uuuu");
  EXPECT_EQ(table.rows(),
            all_type_rows("45296789", "86400000", "1772627696789000",
                          "-2208988800000000"));
}

TEST(Recorded, AnUnchangedToastValueIsRefusedUntilItIsSent) {
  table_under_test table({column("id", "Int32"), column("title", "String"),
                          column("body", "String")},
                         {"id"});
  EXPECT_EQ(play(table, "json/postgres.public.docs"), "u[unchanged_toast]u");
  const auto found = table.rows();
  EXPECT_EQ(found.front()[2].size(), 300U * 32U);
  EXPECT_EQ(found.back(), (std::vector<std::string>{"1", "big2", "small now"}));
  table_under_test titles({column("id", "Int32"), column("title", "String")},
                          {"id"});
  EXPECT_EQ(play(titles, "json/postgres.public.docs"), "uuu");
}

TEST(Recorded, WhatIsNoRowIsIgnored) {
  auto table = users();
  EXPECT_EQ(play(table, "json/postgres.message"), "(logical_message)");
  for (const auto* name :
       {"json/__debezium-heartbeat.pgnum", "json/pgnum.transaction"}) {
    for (const auto& event : recorded(name)) {
      const auto result = table.decode(event.key, event.value);
      EXPECT_EQ(result.what, verdict::ignored) << result.detail;
      EXPECT_TRUE(result.ignored == cdc::ignore_reason::heartbeat
                  || result.ignored == cdc::ignore_reason::transaction_marker);
    }
  }
}

TEST(Recorded, OrdersOfMongodb) {
  for (const auto* name :
       {"mongo/mongo.inventory.orders", "mongo/mongoschema.inventory.orders"}) {
    table_under_test table({column("id", "String", "_id.$oid"),
                            column("user_id", "Nullable(Int32)"),
                            column("total", "Nullable(Decimal(10, 2))"),
                            column("status", "Nullable(String)"),
                            raw(column("items", "Nullable(String)"))},
                           {"id"}, record_format::debezium_mongodb);
    EXPECT_EQ(play(table, name), "uuud(tombstone)");
    EXPECT_EQ(
        table.rows(),
        (rows{{"65f000000000000000000001", "1", "1234.50", "NULL",
               R"([{"sku": "SKU-1","qty": {"$numberLong": "2"},)"
               R"("price": {"$numberDecimal": "617.25"}}])"},
              {"65f000000000000000000002", "2", "NULL", "new", "NULL"},
              {"65f000000000000000000002", "2", "NULL", "paid", "NULL"},
              {"65f000000000000000000002", "NULL", "NULL", "NULL", "NULL"}}))
        << name;
  }
}

TEST(Recorded, UsersOfMongodb) {
  for (const auto* name :
       {"mongo/mongo.inventory.users", "mongo/mongoschema.inventory.users"}) {
    table_under_test table(
        {column("_id", "String"), column("full_name", "String"),
         column("created_at", "Nullable(DateTime64(3))"),
         column("n", "Nullable(Int64)"), column("d", "Nullable(Float64)"),
         column("b", "Nullable(String)"),
         column("inner", "Array(Int32)", "nested.a")},
        {"_id"}, record_format::debezium_mongodb);
    // Documents without `nested` do not fit an array that cannot be NULL.
    EXPECT_EQ(play(table, name), "[null_value]uu[null_value]d(tombstone)");
    EXPECT_EQ(
        table.rows(),
        (rows{{"2", "Bob \"Q\" 日本", "NULL", "1", "1.500000", "AP8=", "[1,2]"},
              {"2", "Bob \"Q\" 日本", "NULL", "1", "1.500000", "AP8=", "[1,2]"},
              {"2", "", "NULL", "NULL", "NULL", "NULL", "[]"}}))
        << name;
  }
}

TEST(Recorded, AnAppendTableTakesTheInsertsOfMongodb) {
  table_under_test table(
      {column("_id", "String"), column("op", "String", "@op")}, {},
      record_format::debezium_mongodb);
  EXPECT_EQ(play(table, "mongo/mongo.inventory.users"),
            "uu(not_an_insert)(not_an_insert)(not_an_insert)(not_an_insert)");
  EXPECT_EQ(table.rows(), (rows{{"1", "r"}, {"2", "c"}}));
}

} // namespace sluice::cdc_test
