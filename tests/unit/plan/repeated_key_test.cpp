#include "plan/repeated_key.hpp"

#include <array>

#include <gmock/gmock.h>

#include "tests/unit/plan/example.hpp"

namespace sluice::plan {
namespace {

/// "3" and "user_id", as ClickHouse prints a column of node 3.
std::string column(const std::string& source, const std::string& name) {
  return "COLUMN id: 90, column_name: " + name
         + ", result_type: Int32, source_id: " + source + "\n";
}

std::string count() {
  return "FUNCTION id: 91, function_name: count, function_type: aggregate\n";
}

/// A part of the outermost query that is a list.
std::string list(const std::string& part,
                 const std::vector<std::string>& items) {
  std::string result = "  " + part + "\n    LIST id: 92, nodes: 9\n";
  for (const auto& each : items)
    result += "      " + each;
  return result;
}

const std::string of_users =
    "  JOIN TREE\n    TABLE id: 3, table_name: shop.users, final: 1\n";
const std::string of_events =
    "  JOIN TREE\n    TABLE id: 3, table_name: shop.events\n";

/// events (3) and users (7), by user_id.
std::string of_both(const std::string& kind) {
  return "  JOIN TREE\n    JOIN id: 5, strictness: ALL, kind: " + kind
         + "\n      LEFT TABLE EXPRESSION\n"
           "        TABLE id: 3, table_name: shop.events\n"
           "      RIGHT TABLE EXPRESSION\n"
           "        TABLE id: 7, table_name: shop.users, final: 1\n"
           "      JOIN EXPRESSION\n"
           "        FUNCTION id: 8, function_name: equals\n"
           "          ARGUMENTS\n            LIST id: 9, nodes: 2\n"
           "              "
         + column("3", "user_id") + "              " + column("7", "user_id");
}

/// Of a query whose first column is the key.
key_finding find(const std::string& parts,
                 const std::string& root = "QUERY id: 0") {
  static const auto what = read_example();
  const auto tree = parse_query_tree(root + "\n" + parts);
  if (!tree) {
    ADD_FAILURE() << parts;
    return {};
  }
  constexpr std::array<std::size_t, 1> key{0};
  return find_repeated_key(*tree, key, what);
}

TEST(RepeatedKey, GroupsByTheKeyAloneOrByMore) {
  const auto yields = list("PROJECTION", {column("3", "user_id"), count()});
  EXPECT_EQ(find(yields + of_events
                 + list("GROUP BY", {column("3", "user_id"),
                                     "CONSTANT id: 9, constant_value: 1\n"}))
                .what,
            key_verdict::unique);
  const auto more = find(
      yields + of_events
      + list("GROUP BY", {column("3", "user_id"), column("3", "event_id")}));
  EXPECT_EQ(more.what, key_verdict::can_repeat);
  EXPECT_EQ(more.why, "it groups by event_id");
  EXPECT_EQ(find(yields + of_events
                 + list("GROUP BY", {"FUNCTION id: 9, function_name: rand, "
                                     "function_type: ordinary\n"}))
                .why,
            "it groups by rand(...)");
}

TEST(RepeatedKey, ALatestTablesKeyTellsItsOtherColumns) {
  const auto yields = list("PROJECTION", {column("3", "user_id"), count()});
  const auto groups =
      list("GROUP BY", {column("3", "user_id"), column("3", "full_name")});
  EXPECT_EQ(find(yields + of_users + groups).what, key_verdict::unique);
  EXPECT_EQ(find(yields + of_events + groups).what, key_verdict::can_repeat);
}

TEST(RepeatedKey, PlainRowsOfALatestTableHaveItsKeyOnce) {
  const auto of_id = list("PROJECTION", {column("3", "user_id")});
  const auto of_name = list("PROJECTION", {column("3", "full_name")});
  EXPECT_EQ(find(of_id + of_users).what, key_verdict::unique);
  EXPECT_EQ(find(of_name + of_users).what, key_verdict::can_repeat);
  EXPECT_EQ(find(of_id + of_events).why,
            "it yields a row for each row of events");
}

TEST(RepeatedKey, AJoinsEqualityTellsOnlyFromTheSideThatIsKept) {
  const auto by = [](const std::string& kind, const std::string& key,
                     const std::string& besides) {
    return find(list("PROJECTION", {column(key, "user_id"), count()})
                + of_both(kind)
                + list("GROUP BY",
                       {column(key, "user_id"), column(besides, "user_id")}))
        .what;
  };
  EXPECT_EQ(by("INNER", "3", "7"), key_verdict::unique);
  EXPECT_EQ(by("INNER", "7", "3"), key_verdict::unique);
  EXPECT_EQ(by("LEFT", "3", "7"), key_verdict::unique);
  EXPECT_EQ(by("LEFT", "7", "3"), key_verdict::can_repeat);
  EXPECT_EQ(by("RIGHT", "3", "7"), key_verdict::can_repeat);
  EXPECT_EQ(by("RIGHT", "7", "3"), key_verdict::unique);
  EXPECT_EQ(by("FULL", "3", "7"), key_verdict::can_repeat);
  EXPECT_EQ(by("FULL", "7", "3"), key_verdict::can_repeat);
}

TEST(RepeatedKey, AggregatesWithoutGroupByAreOneRow) {
  EXPECT_EQ(find(list("PROJECTION", {count()}) + of_events).what,
            key_verdict::unique);
}

TEST(RepeatedKey, OtherFormsAreNotLookedInto) {
  const auto yields = list("PROJECTION", {column("3", "user_id"), count()});
  const auto groups = list("GROUP BY", {column("3", "user_id")});
  EXPECT_EQ(
      find(yields + of_events + groups, "QUERY id: 0, group_by_type: rollup")
          .what,
      key_verdict::unknown);
  EXPECT_EQ(find(yields + of_events + groups,
                 "QUERY id: 0, is_group_by_with_totals: 1")
                .what,
            key_verdict::unknown);
  EXPECT_EQ(
      find(list("PROJECTION", {column("3", "user_id")}) + of_both("INNER"))
          .what,
      key_verdict::unknown);
  EXPECT_EQ(find("  QUERIES\n", "UNION id: 0, union_mode: UNION_ALL").what,
            key_verdict::unknown);
}

} // namespace
} // namespace sluice::plan
