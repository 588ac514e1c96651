// gold: when it is run, and what it joins.
#include "tests/unit/topology/reading.hpp"

namespace sluice::topology {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::mistakes_in;
using testing::read_valid;
using namespace std::chrono_literals;

namespace {

const std::string tables =
    "pipeline: p\n"
    "tables:\n"
    "  orders: {topic: o, mode: append,\n"
    "    columns: {order_id: Int64, user_id: Int64, at: DateTime}}\n"
    "  items: {topic: i, mode: append,\n"
    "    columns: {item_id: Int64, order_id: Int64}}\n"
    "  users: {topic: u, mode: append, columns: {id: Int64, name: String}}\n";

const std::string rest =
    "    window: {every: 1h, over: orders.at}\n"
    "    key: [id]\n"
    "    columns: {id: Int64}\n"
    "    sql: SELECT 1 AS id WHERE {window_start} < {window_end}\n";

/// Gold `g` with more lines, from line 14 on.
std::string with(const std::string& lines) {
  return tables + "gold:\n  g:\n" + rest + lines;
}

gold read_one(const std::string& lines) {
  auto read = read_valid(with(lines));
  if (read.golds.size() != 1) {
    ADD_FAILURE() << lines;
    return {};
  }
  return read.golds.front();
}

/// Golds of these names, each with its `after`.
std::string
golds_after(const std::vector<std::pair<std::string, std::string>>& golds) {
  auto result = tables + "gold:\n";
  for (const auto& [name, after] : golds)
    result += "  " + name + ":\n" + rest + "    after: " + after + "\n";
  return result;
}

} // namespace

TEST(ReadGoldRuns, DefaultsAreFilledIn) {
  const auto read = read_one("");
  EXPECT_FALSE(read.on_change);
  EXPECT_FALSE(read.on_watermark);
  EXPECT_EQ(read.refresh, "");
  EXPECT_EQ(read.debounce, 5s);
  EXPECT_EQ(read.max_staleness, 1min);
  EXPECT_THAT(read.after, IsEmpty());
  EXPECT_THAT(read.joins, IsEmpty());
}

TEST(ReadGoldRuns, TriggerWordsStandBesideSchedules) {
  const auto read = read_one("    trigger: [change, '@daily', watermark]\n");
  EXPECT_TRUE(read.on_change);
  EXPECT_TRUE(read.on_watermark);
  EXPECT_THAT(read.trigger, ElementsAre("@daily"));
  EXPECT_THAT(mistakes_in(with("    trigger: [changes]\n")),
              ElementsAre("14:15: 'trigger' in gold 'g': 'changes' is unknown: "
                          "did you mean 'change'?"));
}

TEST(ReadGoldRuns, ARefreshIsASchedule) {
  EXPECT_EQ(read_one("    refresh: every 1 minute\n").refresh,
            "every 1 minute");
  EXPECT_THAT(mistakes_in(with("    refresh: 1 minute\n")),
              ElementsAre(HasSubstr("14:14: 'refresh' in gold 'g' '1 minute' "
                                    "is not a schedule")));
}

TEST(ReadGoldRuns, WaitsHaveTheirRange) {
  const auto read = read_one("    debounce: 0\n    max_staleness: 1 day\n");
  EXPECT_EQ(read.debounce, 0ms);
  EXPECT_EQ(read.max_staleness, 24h);
  EXPECT_THAT(
      mistakes_in(with("    debounce: 2h\n    max_staleness: 25h\n")),
      ElementsAre(HasSubstr("14:15: 'debounce' in gold 'g' must be from 0s to"),
                  HasSubstr("15:20: 'max_staleness' in gold 'g' must be from "
                            "0s to 1 day")));
}

TEST(ReadGoldRuns, StalenessIsNeverLessThanTheDebounce) {
  EXPECT_EQ(read_one("    debounce: 5 minutes\n").max_staleness, 5min);
  EXPECT_THAT(
      mistakes_in(with("    debounce: 10s\n    max_staleness: 9s\n")),
      ElementsAre("15:20: 'max_staleness' in gold 'g' must not be less than "
                  "'debounce', 10s, but 9s stands there"));
}

TEST(ReadGoldRuns, AJoinNamesOneColumnOrTwo) {
  const auto read = read_one("    children: {items: {on: order_id}}\n"
                             "    dimensions: {users: {on: id = user_id}}\n");
  ASSERT_EQ(read.joins.size(), 2U);
  EXPECT_EQ(read.joins[0].table, "items");
  EXPECT_EQ(read.joins[0].column, "order_id");
  EXPECT_EQ(read.joins[0].over_column, "order_id");
  EXPECT_EQ(read.joins[1].table, "users");
  EXPECT_EQ(read.joins[1].column, "id");
  EXPECT_EQ(read.joins[1].over_column, "user_id");
  for (const auto* text : {"'= user_id'", "'id ='", "'='", "' '"})
    EXPECT_THAT(mistakes_in(with("    dimensions: {users: {on: "
                                 + std::string{text} + "}}\n")),
                ElementsAre(HasSubstr("must be a column that both tables have, "
                                      "or COLUMN = COLUMN")))
        << text;
}

TEST(ReadGoldRuns, ChangesOfChildrenCountAndThoseOfDimensionsWait) {
  const auto read = read_one("    children: {items: {on: order_id}}\n"
                             "    dimensions: {users: {on: id = user_id}}\n");
  EXPECT_EQ(read.joins.at(0).appears, on_join::rerun);
  EXPECT_EQ(read.joins.at(0).changes, on_join::rerun);
  EXPECT_EQ(read.joins.at(1).appears, on_join::rerun);
  EXPECT_EQ(read.joins.at(1).changes, on_join::next_run);
  const auto other =
      read_one("    children: {items: {on: order_id, changes: next_run}}\n"
               "    dimensions: {users: {on: id = user_id, appears: next_run,\n"
               "                         changes: rerun}}\n");
  EXPECT_EQ(other.joins.at(0).changes, on_join::next_run);
  EXPECT_EQ(other.joins.at(1).appears, on_join::next_run);
  EXPECT_EQ(other.joins.at(1).changes, on_join::rerun);
  EXPECT_THAT(
      mistakes_in(
          with("    children: {items: {on: order_id, appears: reruns}}\n")),
      ElementsAre(HasSubstr("is 'reruns', which is unknown: did you mean "
                            "'rerun'?")));
}

TEST(ReadGoldRuns, JoinsAreOfTablesAndColumnsThatThereAre) {
  EXPECT_THAT(
      mistakes_in(with("    children: {item: {on: order_id}}\n")),
      ElementsAre("14:16: table 'item' in 'children' of gold 'g' is not under "
                  "'tables': did you mean 'items'?"));
  EXPECT_THAT(
      mistakes_in(with("    children: {items: {on: oder_id = order_id}}\n")),
      ElementsAre(HasSubstr("names 'oder_id', which is no column of 'items': "
                            "did you mean 'order_id'?")));
  EXPECT_THAT(
      mistakes_in(with("    dimensions: {users: {on: id = usr_id}}\n")),
      ElementsAre(HasSubstr("names 'usr_id', which is no column of 'orders': "
                            "did you mean 'user_id'?")));
  EXPECT_THAT(mistakes_in(with("    children: {items: {appears: rerun}}\n")),
              ElementsAre(HasSubstr("missing key 'on' in table 'items'")));
}

TEST(ReadGoldRuns, ATableIsJoinedInOneWay) {
  EXPECT_THAT(
      mistakes_in(with("    children: {items: {on: order_id}}\n"
                       "    dimensions: {items: {on: order_id}}\n")),
      ElementsAre("15:18: table 'items' in 'dimensions' of gold 'g' is both a "
                  "child and a dimension"));
  EXPECT_THAT(
      mistakes_in(with("    children: {orders: {on: order_id}}\n")),
      ElementsAre("14:16: table 'orders' in 'children' of gold 'g' is the "
                  "table that the windows are over"));
}

TEST(ReadGoldRuns, AGoldRunsAfterOthers) {
  const auto read =
      read_valid(golds_after({{"a", "[b, c]"}, {"b", "c"}, {"c", "[]"}}));
  ASSERT_EQ(read.golds.size(), 3U);
  EXPECT_THAT(read.golds[0].after, ElementsAre("b", "c"));
  EXPECT_THAT(read.golds[1].after, ElementsAre("c"));
}

TEST(ReadGoldRuns, AGoldRunsAfterNoneThatIsUnknown) {
  EXPECT_THAT(mistakes_in(golds_after({{"daily", "[]"}, {"b", "dayly"}})),
              ElementsAre(HasSubstr("'after' of gold 'b' names 'dayly', which "
                                    "is no gold: did you mean 'daily'?")));
}

TEST(ReadGoldRuns, NoGoldRunsAfterItself) {
  EXPECT_THAT(mistakes_in(golds_after({{"a", "a"}})),
              ElementsAre("9:3: 'after' goes round in a circle: gold a after "
                          "a"));
}

TEST(ReadGoldRuns, ACircleIsToldOnceWithAllItsGolds) {
  EXPECT_THAT(
      mistakes_in(golds_after(
          {{"x", "a"}, {"a", "b"}, {"b", "c"}, {"c", "a"}, {"y", "c"}})),
      ElementsAre(HasSubstr("'after' goes round in a circle: gold a after b "
                            "after c after a")));
}

TEST(ReadGoldRuns, TheNumberOfRunsAtOnceIsTunedForAll) {
  EXPECT_EQ(read_valid(tables).tuning.gold_runs, 2U);
  EXPECT_EQ(read_valid(tables + "tuning: {gold_runs: 4}\n").tuning.gold_runs,
            4U);
  EXPECT_THAT(mistakes_in(tables + "tuning: {gold_runs: 0}\n"),
              ElementsAre(HasSubstr("'gold_runs' in 'tuning' must be a whole "
                                    "number from 1 to")));
}

} // namespace sluice::topology
