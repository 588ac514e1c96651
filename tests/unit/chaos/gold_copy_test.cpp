#include "chaos/gold_copy.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "chaos/gold_values.hpp"
#include "topology/named.hpp"
#include "topology/read.hpp"

namespace sluice::chaos {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using namespace std::chrono_literals;

constexpr const char* tables = R"(
pipeline: p
tables:
  orders:
    topic: orders
    key: [id]
    columns:
      id: Int64
      user_id: Int64
      status: String
      at: {type: DateTime64(3), unit: ms}
      seen: {type: DateTime64(3), from: "@timestamp"}
  items:
    topic: items
    key: [id]
    columns: {id: Int64, order_id: Int64, amount: 'Decimal(12, 2)'}
  users:
    topic: users
    key: [id, born]
    columns: {id: Int64, name: String, born: {type: Date, unit: days}}
gold:
)";

std::string gold(const std::string& name, const std::string& settings,
                 const std::string& from) {
  return "  " + name + ":\n    key: [n]\n    columns: {n: UInt64}\n    "
         + settings + "\n    sql: SELECT count() AS n FROM " + from
         + " AND at >= {window_start} AND at < {window_end}\n";
}

constexpr const char* over_orders = "window: {every: 1 day, over: orders.at}";

topology::topology read(const std::string& golds) {
  auto result =
      topology::read_text(tables + golds, "test", [](const std::string&) {
        return std::optional<std::string>{};
      });
  for (const auto& mistake :
       result ? std::vector<topology::diagnostic>{} : result.error())
    ADD_FAILURE() << to_string(mistake);
  return result.value_or(topology::topology{});
}

struct copied {
  topology::topology what;
  std::vector<std::string> notes;
};

copied copy(const std::string& golds) {
  copied result{read(golds), {}};
  make_comparable(result.what, result.notes);
  return result;
}

TEST(GoldCopy, RunsWindowsSoonAfterAChangeWhateverTheSchedule) {
  const auto made =
      copy(gold("g", R"(window: {every: 1 day, over: orders.at, lateness: 2h}
    trigger: ["@daily", watermark]
    refresh: every 6h
    catchup: true)",
                "orders WHERE 1"));
  ASSERT_EQ(made.what.golds.size(), 1U);
  const auto& one = made.what.golds.front();
  EXPECT_TRUE(one.on_change);
  EXPECT_FALSE(one.on_watermark);
  EXPECT_FALSE(one.catchup);
  EXPECT_THAT(one.trigger, IsEmpty());
  EXPECT_THAT(one.refresh, IsEmpty());
  EXPECT_EQ(one.window.lateness, 0s);
  EXPECT_LE(one.debounce, 1s);
  EXPECT_THAT(made.notes, IsEmpty());
}

TEST(GoldCopy, LetsEveryChangeOfAJoinedRowCountAndSaysSo) {
  const auto made = copy(gold("g",
                              std::string{over_orders}
                                  + "\n    dimensions: {users: {on: id = "
                                    "user_id}}",
                              "orders JOIN users ON 1 WHERE 1"));
  ASSERT_EQ(made.what.golds.size(), 1U);
  EXPECT_EQ(made.what.golds[0].joins[0].changes, topology::on_join::rerun);
  EXPECT_THAT(made.notes, ElementsAre(HasSubstr("changes of users")));
}

TEST(GoldCopy, TakesOutAGoldThatReadsWhatItDoesNotFollow) {
  const auto made =
      copy(gold("g", over_orders, "orders JOIN items ON 1 WHERE 1"));
  EXPECT_THAT(made.what.golds, IsEmpty());
  EXPECT_THAT(made.notes, ElementsAre(AllOf(HasSubstr("gold g is left out"),
                                            HasSubstr("reads items"))));
}

TEST(GoldCopy, TakesOutWhatRunsAfterOneThatIsTakenOut) {
  const auto made =
      copy(gold("last", std::string{over_orders} + "\n    after: [first]",
                "orders, first WHERE 1")
           + gold("first", over_orders, "orders, users WHERE 1"));
  EXPECT_THAT(made.what.golds, IsEmpty());
  EXPECT_THAT(made.notes, ElementsAre(HasSubstr("first is left out"),
                                      HasSubstr("last is left out")));
}

TEST(GoldCopy, TakesOutAGoldWhoseEventTimesTheLoadCannotMake) {
  const auto made =
      copy(gold("by_key", "window: {every: 1 day, over: users.born}",
                "users WHERE 1")
           + gold("by_record", "window: {every: 1 day, over: orders.seen}",
                  "orders WHERE 1"));
  EXPECT_THAT(made.what.golds, IsEmpty());
  EXPECT_THAT(made.notes, ElementsAre(HasSubstr("part of the key"),
                                      HasSubstr("not in the records")));
}

// -- what the load makes ------------------------------------------------------

constexpr std::uint64_t keys = 2000;

std::optional<gold_values> values_of(const topology::topology& what,
                                     const std::string& table,
                                     const std::string& column) {
  const auto* found = topology::find_named(what.tables, table);
  return values_for(what, *found, *topology::find_named(found->columns, column),
                    keys);
}

class GoldValues : public testing::Test {
protected:
  topology::topology what_ =
      copy(gold("g",
                std::string{over_orders}
                    + "\n    children: {items: {on: order_id = id}}",
                "orders JOIN items ON 1 WHERE status = 'done'"))
          .what;
};

TEST_F(GoldValues, SpreadEventTimesOverADozenWindowsThatAreOver) {
  const auto times = values_of(what_, "orders", "at");
  ASSERT_TRUE(times);
  EXPECT_EQ(times->span, 12 * 86'400);
  EXPECT_EQ(times->begin + times->span, 20'502 * std::int64_t{86'400});
}

TEST_F(GoldValues, AreOfAJoinedColumnSuchAsTheOtherSideHas) {
  EXPECT_EQ(values_of(what_, "items", "order_id")->numbers, keys);
  EXPECT_EQ(values_of(what_, "orders", "id"), std::nullopt) << "its key";
}

TEST_F(GoldValues, HaveTheTextsThatTheSqlNames) {
  EXPECT_THAT(values_of(what_, "orders", "status")->words, Contains("done"));
}

TEST_F(GoldValues, AreSmallEnoughToBeSummed) {
  EXPECT_LE(values_of(what_, "items", "amount")->numbers, 10'000U);
}

TEST_F(GoldValues, AreAnyOfATableThatFeedsNoGold) {
  EXPECT_FALSE(values_of(what_, "users", "name"));
}

} // namespace
} // namespace sluice::chaos
