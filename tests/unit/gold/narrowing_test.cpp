#include "gold/narrowing.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::gold::narrowing {
namespace {

using testing::HasSubstr;

topology::gold sales() {
  topology::gold g;
  g.window.over_table = "orders";
  g.window.over_column = "created_at";
  return g;
}

// 1771545600 and 1771632000.
window day() {
  return {parse_utc("2026-02-20").value(), parse_utc("2026-02-21").value()};
}

/// As ClickHouse 26.5 shows a read of a table.
std::string read_of(const std::string& table, const std::string& condition,
                    const std::string& index = "_gold_created_at") {
  std::string result = "      Filter (WHERE + additional filter)\n"
                       "        ReadFromMergeTree (";
  result.append(table).append(")\n"
                              "        Indexes:\n"
                              "          PrimaryKey\n"
                              "            Condition: true\n"
                              "            Parts: 7/7\n"
                              "          Skip\n"
                              "            Name: ");
  result.append(index).append("\n"
                              "            Description: minmax GRANULARITY 1\n"
                              "            Condition: ");
  return result.append(condition).append("\n"
                                         "            Parts: 3/7\n"
                                         "          Ranges: 3\n");
}

const std::string from = "(created_at in ['1771545600', +Inf))";
const std::string until = "(created_at in (-Inf, '1771632000'))";

std::string conjunction(const std::string& first, const std::string& second) {
  std::string result = "and(";
  return result.append(first).append(", ").append(second).append(")");
}

std::string both() { return conjunction(until, from); }

bool narrows(const std::string& plan) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream text{plan};
  for (std::string line; std::getline(text, line);)
    lines.push_back({line});
  return reads_window_only(lines, sales(), "shop", day());
}

TEST(Narrowing, AReadByBothBoundsIsOfTheWindowOnly) {
  EXPECT_TRUE(narrows(read_of("shop.orders", both())));
  EXPECT_TRUE(narrows(read_of("shop.orders", conjunction(from, until))));
}

TEST(Narrowing, ADateTimeIsShownWithoutQuotes) {
  auto condition = both();
  std::erase(condition, '\'');
  EXPECT_TRUE(narrows(read_of("shop.orders", condition)));
}

TEST(Narrowing, EveryReadOfTheTableMustBe) {
  const auto good = read_of("shop.orders", both());
  EXPECT_TRUE(narrows(good + good));
  EXPECT_TRUE(narrows(good + read_of("shop.items", "true")));
  EXPECT_FALSE(narrows(good + read_of("shop.orders", "true")));
  EXPECT_FALSE(narrows(read_of("shop.orders", "true") + good));
  // As a server shows it that does not tell conditions.
  EXPECT_FALSE(narrows("ReadFromMergeTree (shop.orders)\nIndexes:\nSkip\n"
                       "Name: _gold_created_at\nParts: 1/2\n"
                       + good));
}

TEST(Narrowing, OtherBoundsTablesAndIndexesAreNot) {
  EXPECT_FALSE(narrows(read_of("shop.orders", until)));
  EXPECT_FALSE(narrows(read_of("shop.orders", from)));
  EXPECT_FALSE(narrows(read_of("shop.orders", both().replace(0, 3, "or"))));
  EXPECT_FALSE(
      narrows(read_of("shop.orders", both().insert(0, "not(").append(")"))));
  EXPECT_FALSE(narrows(read_of("shop.orders", both(), "_gold_updated_at")));
  EXPECT_FALSE(narrows(read_of("shop.orders_2", both())));
  EXPECT_FALSE(narrows(read_of("live.orders", both())));
  auto later = both();
  later.replace(later.find("1771632000"), 10, "1771632001");
  EXPECT_FALSE(narrows(read_of("shop.orders", later)));
}

TEST(Narrowing, APlanWithoutTheTableTellsNothing) {
  EXPECT_FALSE(narrows(""));
  EXPECT_FALSE(narrows("ReadNothing (Read from NullSource)\n"));
  EXPECT_FALSE(narrows("Name: _gold_created_at\nCondition: " + both()));
  // The table's own index, shown behind another source.
  EXPECT_FALSE(narrows("ReadFromMergeTree (shop.orders)\nReadFromRemote (x)\n"
                       "Name: _gold_created_at\nCondition: "
                       + both()));
}

TEST(Narrowing, AnythingButAMergeTreeBesideTheTableTellsNothing) {
  const auto bounded = "ReadFromMergeTree (shop.orders)\n"
                       "Name: _gold_created_at\nCondition: "
                       + both() + "\n";
  EXPECT_TRUE(narrows(bounded + "ReadFromMergeTree (shop.users)\n"));
  EXPECT_FALSE(narrows(bounded + "ReadFromMerge\n"));
  EXPECT_FALSE(narrows(bounded + "ReadFromRemote (x)\n"));
}

TEST(Narrowing, KeysAreTextsOfTheStatement) {
  EXPECT_EQ(filter("id", {{"-3", "7"}, {"9", "9"}}).value(),
            "(`id` >= '-3' AND `id` <= '7') OR (`id` >= '9' AND `id` <= '9')");
  EXPECT_EQ(filter("i`d", {{"it's", "\\"}}).value(),
            "(`i\\`d` >= 'it\\'s' AND `i\\`d` <= '\\\\')");
}

TEST(Narrowing, NoneAndTooManyRangesAreNoFilter) {
  EXPECT_FALSE(filter("id", {}));
  EXPECT_FALSE(filter("id", {{"1"}}));
  EXPECT_TRUE(filter("id", {1000, {"1", "2"}}));
  EXPECT_FALSE(filter("id", {1001, {"1", "2"}}));
  EXPECT_THAT(ranges_question(sales(), "shop", "id", day()),
              HasSubstr("LIMIT 1001\n"));
}

TEST(Narrowing, TheFilterIsATextInATextOfTheStatement) {
  EXPECT_EQ(clause(sales(), "shop", "(`id` >= 'a')"),
            "\nSETTINGS additional_table_filters = {'shop.orders': '(`id` >= "
            "\\'a\\')'}");
}

TEST(Narrowing, ItIsAskedOnlyForKeysThatAreWrittenAsTheyAreShown) {
  const auto sql = key_question(sales(), "shop");
  EXPECT_THAT(sql, HasSubstr("database = 'shop' AND table = 'orders'"));
  EXPECT_THAT(sql, HasSubstr("^(U?Int(8|16|32|64)|String|UUID)$"));
}

} // namespace
} // namespace sluice::gold::narrowing
