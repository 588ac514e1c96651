#include "chaos/record_maker.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>

#include "chaos/load_check.hpp"
#include "chaos/throwaway.hpp"
#include "topology/read.hpp"

namespace sluice::chaos {
namespace {

using testing::HasSubstr;

topology::topology with_table(const std::string& table) {
  const auto read = topology::read_text(
      "pipeline: p\ntables:\n  t:\n    topic: t\n" + table, "test",
      [](const std::string&) { return std::optional<std::string>{}; });
  for (const auto& mistake :
       read ? std::vector<topology::diagnostic>{} : read.error())
    ADD_FAILURE() << to_string(mistake);
  return make_throwaway(read.value_or(topology::topology{}), {.run = "r"}).what;
}

constexpr const char* users = R"(
    mode: latest
    key: [id]
    columns: {id: Int32, name: String}
)";

std::string mark_of(const kafka::owned_record& record) {
  return *record.headers.at(0).value;
}

TEST(RecordMaker, MakesRecordsThatTablesOfEveryTypeTake) {
  std::string columns;
  auto number = 0;
  for (const auto* type : {"Bool",
                           "Int8",
                           "Int16",
                           "Int32",
                           "Int64",
                           "UInt8",
                           "UInt16",
                           "UInt32",
                           "UInt64",
                           "Float32",
                           "Float64",
                           "String",
                           "LowCardinality(String)",
                           "Date",
                           "Date32",
                           "DateTime",
                           "DateTime64(9)",
                           "\"Decimal(10, 2)\"",
                           "\"Decimal(3, 3)\"",
                           "\"Decimal(38, 0)\"",
                           "UUID",
                           "Array(Int8)",
                           "Array(Nullable(String))",
                           "Nullable(Int64)"})
    columns += "      c" + std::to_string(++number) + ": " + type + "\n";
  for (const auto* unit : {"s", "ms", "us", "ns"})
    columns += "      u" + std::to_string(++number)
               + ": {type: DateTime64(3), unit: " + unit + "}\n";
  columns +=
      "      days: {type: Date, unit: days}\n"
      "      deep: {type: Int32, from: a.b.c}\n"
      "      beside: {type: String, from: a.b.d}\n"
      "      document: {type: String, raw: true}\n"
      "      at: {type: Nullable(DateTime64(3)), from: \"@timestamp\"}\n";
  for (const auto* format : {"debezium-json", "debezium-mongodb"}) {
    const auto what =
        with_table(std::string{"    format: "} + format
                   + "\n    mode: append\n    columns:\n" + columns);
    const auto fits = check_load(what);
    EXPECT_TRUE(fits) << format << ": " << fits.error();
  }
}

TEST(RecordMaker, MakesKeysOfEveryKind) {
  for (const auto* type : {"Bool", "Int8", "String", "UUID", "Date", "DateTime",
                           "\"Decimal(4, 2)\""}) {
    const auto what =
        with_table("    mode: latest\n    key: [k, n]\n    columns: {k: "
                   + std::string{type} + ", n: UInt8, v: String}\n");
    const auto fits = check_load(what);
    EXPECT_TRUE(fits) << type << ": " << fits.error();
  }
  const auto mongo = with_table(
      "    format: debezium-mongodb\n    mode: latest\n    key: [id]\n"
      "    columns: {id: {type: String, from: _id.$oid}, v: {type: Int32, "
      "from: a.b}}\n");
  EXPECT_TRUE(check_load(mongo)) << check_load(mongo).error();
}

TEST(RecordMaker, MakesTheSameForTheSameSeed) {
  const auto what = with_table(users);
  auto one = record_maker::make(what, "t-chaos-r", 3);
  auto same = record_maker::make(what, "t-chaos-r", 3);
  ASSERT_TRUE(one && same);
  for (auto i = 0; i < 1000; ++i) {
    const auto record = one->next();
    const auto again = same->next();
    EXPECT_EQ(record.key, again.key);
    EXPECT_EQ(record.value, again.value);
    EXPECT_EQ(mark_of(record), mark_of(again));
  }
}

TEST(RecordMaker, InsertsUpdatesAndDeletesKeysThatComeBack) {
  auto maker = record_maker::make(with_table(users), "t-chaos-r", 1);
  ASSERT_TRUE(maker);
  std::map<std::string, int> marks;
  std::set<std::string> live;
  std::set<std::string> deleted;
  auto returned = 0;
  for (auto i = 0; i < 20'000; ++i) {
    const auto record = maker->next();
    const auto mark = mark_of(record);
    const auto& key = record.key.value();
    ++marks[mark];
    EXPECT_EQ(record.value.has_value(), mark != "t");
    if (mark == "i") {
      EXPECT_TRUE(live.insert(key).second) << key;
      returned += deleted.contains(key) ? 1 : 0;
    } else if (mark == "u") {
      EXPECT_TRUE(live.contains(key));
    } else if (mark == "d") {
      EXPECT_EQ(live.erase(key), 1U);
      deleted.insert(key);
    }
    EXPECT_LE(live.size(), 2000U);
  }
  for (const auto* mark : {"i", "u", "d", "t"})
    EXPECT_GT(marks[mark], 500) << mark;
  EXPECT_GT(returned, 1000);
}

TEST(RecordMaker, MarksPoison) {
  auto maker = record_maker::make(with_table(users), "t-chaos-r", 1);
  ASSERT_TRUE(maker);
  for (auto i = 0; i < 5000; ++i)
    EXPECT_EQ(mark_of(maker->next_poison()), "p");
}

TEST(LoadCheck, NamesTheTableThatTakesNoRecords) {
  auto what = with_table(users);
  what.tables.front().columns.back().type = "Array(Array(Int8))";
  const auto fits = check_load(what);
  ASSERT_FALSE(fits);
  EXPECT_THAT(fits.error(), HasSubstr("table t"));
}

} // namespace
} // namespace sluice::chaos
