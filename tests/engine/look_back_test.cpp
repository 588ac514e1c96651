// Questions to silver about event times, answered by ClickHouse itself from
// tables as they are really made.
#include <limits>

#include "tests/engine/look_back_fixture.hpp"

namespace sluice::clickhouse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t hour = 3'600;
constexpr std::int64_t day = 24 * hour;

// -- event times of every type ------------------------------------------------

struct time_case {
  std::string name;
  std::string type;
  std::vector<value> values;
  /// In rising order.
  times expected;
};

time_case moments(int scale) {
  std::int64_t second = 1;
  for (int i = 0; i < scale; ++i)
    second *= 10;
  const auto digits = std::to_string(scale);
  time_case result{
      "DateTime64Of" + digits, "DateTime64(" + digits + ")", {}, {}};
  for (const auto seconds : {-2'208'988'800LL, -3'601LL, -1LL, 0LL, 3'599LL,
                             3'600LL, 1'771'545'601LL, 9'223'372'036LL})
    result.values.push_back(fixed_value(seconds * second));
  // Half a second before a full hour.
  if (scale > 0)
    result.values.push_back(fixed_value(7'200 * second - second / 2));
  result.expected = {-2'208'988'800, -7'200,        -3'600,       0,
                     3'600,          1'771'545'600, 9'223'369'200};
  return result;
}

std::vector<time_case> time_cases() {
  const auto null = [](silver::column_buffer& to) { to.append_null(); };
  std::vector<time_case> result{
      {"Date",
       "Date",
       {fixed_value(std::uint16_t{0}), fixed_value(std::uint16_t{20'504}),
        fixed_value(std::uint16_t{65'535})},
       {0, 20'504 * day, 65'535 * day}},
      {"Date32",
       "Date32",
       {fixed_value(std::int32_t{-25'567}), fixed_value(std::int32_t{-1}),
        fixed_value(std::int32_t{20'504}), fixed_value(std::int32_t{120'529})},
       {-25'567 * day, -day, 20'504 * day, 120'529 * day}},
      {"DateTime",
       "DateTime",
       {fixed_value(std::uint32_t{0}), fixed_value(std::uint32_t{3'599}),
        fixed_value(std::uint32_t{3'600}),
        fixed_value(std::uint32_t{4'294'967'295U})},
       {0, 3'600, 4'294'965'600}},
      {"DateTimeOfAZone",
       "DateTime('America/New_York')",
       {fixed_value(std::uint32_t{1'771'545'601})},
       {1'771'545'600}},
      {"NullableDateTime",
       "Nullable(DateTime)",
       {fixed_value(std::uint32_t{3'600}), null},
       {3'600}},
      {"NullableDate",
       "Nullable(Date)",
       {null, fixed_value(std::uint16_t{20'504})},
       {20'504 * day}},
      {"NullableDateTime64",
       "Nullable(DateTime64(6))",
       {null, fixed_value(std::int64_t{-1})},
       {-3'600}},
  };
  // What ClickHouse has of it is milliseconds: -1 us is 0.
  result.back().expected = {0};
  for (int scale = 0; scale <= 9; ++scale)
    result.push_back(moments(scale));
  return result;
}

class LookBackForATime : public look_back_test,
                         public ::testing::WithParamInterface<time_case> {
protected:
  void SetUp() override {
    layout_ =
        lay_out("orders", {{"id", "Int32"}, {"at", GetParam().type}}, {"id"});
    make(*layout_);
    std::vector<std::vector<value>> rows;
    for (const auto& each : GetParam().values) {
      rows.push_back(
          {fixed_value(static_cast<std::int32_t>(rows.size())), each});
      keys_.push_back(std::to_string(rows.size() - 1));
    }
    insert(*layout_, rows);
  }

  std::optional<silver::table_layout> layout_;
  std::vector<std::string> keys_;
};

TEST_P(LookBackForATime, RoundsItDownToTheGranule) {
  EXPECT_EQ(ask(marks::times_of_keys(hourly_over(), "main", {"id"}, keys_)),
            GetParam().expected);
  EXPECT_EQ(
      ask(marks::times_of_rows(hourly_over(), "main",
                               {{"orders", "t", 0, 0, 0, 100}, {{0, 100}}})),
      GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(OfEveryType, LookBackForATime,
                         ::testing::ValuesIn(time_cases()),
                         [](const auto& about) { return about.param.name; });

class LookBack : public look_back_test {
protected:
  /// orders(id, customer, at) are joined to customers(id, tier), by `column`.
  static marks::feed joined_by(const std::string& column = "id") {
    auto result = hourly_over();
    result.join = topology::gold_join{};
    result.join->table = "customers";
    result.join->column = column;
    result.join->over_column = "customer";
    return result;
  }

  void make_joined() {
    make(orders_);
    make(customers_);
    // An order in hour n by customer n.
    std::vector<std::vector<value>> rows;
    for (std::int32_t n = 0; n < 10; ++n)
      rows.push_back({fixed_value(n), fixed_value(n),
                      fixed_value(static_cast<std::uint32_t>(n * hour + 5))});
    insert(orders_, rows);
  }
  static std::vector<value> customer(int id, int friend_of = 0) {
    return {fixed_value(std::int32_t{id}),
            fixed_value(std::int32_t{friend_of})};
  }

  silver::table_layout orders_ = lay_out(
      "orders", {{"id", "Int32"}, {"customer", "Int32"}, {"at", "DateTime"}},
      {"id"});
  silver::table_layout customers_ =
      lay_out("customers", {{"id", "Int32"}, {"friend", "Int32"}}, {"id"});
};

TEST_F(LookBack, ADateIsMidnightInTheGoldsZone) {
  for (const auto* type : {"Date", "Date32", "Nullable(Date)"}) {
    const auto layout =
        lay_out("orders", {{"id", "Int32"}, {"at", type}}, {"id"});
    make(layout);
    const auto date = [&](int days) {
      return std::string_view{type} == "Date32"
                 ? fixed_value(std::int32_t{days})
                 : fixed_value(static_cast<std::uint16_t>(days));
    };
    // 2026-03-28 to 30: the clocks are changed on the 29th.
    insert(layout, {{fixed_value(1), date(20'540)},
                    {fixed_value(2), date(20'541)},
                    {fixed_value(3), date(20'542)}});
    topology::gold gold;
    gold.name = "sales";
    gold.window.unit = topology::window_unit::day;
    gold.window.over_table = "orders";
    gold.window.over_column = "at";
    gold.timezone = "Europe/Berlin";
    const marks::feed about{gold, gold::window_rule::make(gold).value(),
                            std::nullopt};
    const std::vector<std::string> keys{"1", "2", "3"};
    const auto found = ask(marks::times_of_keys(about, "main", {"id"}, keys));
    EXPECT_THAT(found, ElementsAre(20'540 * day - hour, 20'541 * day - hour,
                                   20'542 * day - 2 * hour));
    for (const auto each : found)
      EXPECT_EQ(about.rule
                    .newest_containing(
                        std::chrono::sys_seconds{std::chrono::seconds{each}})
                    .start.time_since_epoch()
                    .count(),
                each)
          << "a day begins there";
  }
}

TEST_F(LookBack, LongWindowsAreRoundedDownBefore1970Too) {
  const auto layout =
      lay_out("orders", {{"id", "Int32"}, {"at", "DateTime64(3)"}}, {"id"});
  make(layout);
  std::vector<std::vector<value>> rows;
  for (const std::int64_t ms :
       {-2'208'988'800'000LL, -1LL, 0LL, 1'771'545'600'001LL})
    rows.push_back(
        {fixed_value(static_cast<std::int32_t>(rows.size())), fixed_value(ms)});
  insert(layout, rows);
  const std::vector<std::string> keys{"0", "1", "2", "3"};
  for (const auto every : {std::chrono::days{7}, std::chrono::days{3'650}}) {
    auto about = hourly_over();
    about.gold.window.every = every;
    about.rule = gold::window_rule::make(about.gold).value();
    times expected;
    for (const std::int64_t second :
         {-2'208'988'800LL, -1LL, 0LL, 1'771'545'600LL})
      expected.push_back(about.rule
                             .newest_containing(std::chrono::sys_seconds{
                                 std::chrono::seconds{second}})
                             .start.time_since_epoch()
                             .count());
    EXPECT_EQ(ask(marks::times_of_keys(about, "main", {"id"}, keys)), expected);
  }
}

TEST_F(LookBack, ADateThatBeginsAfterMidnightBeginsWhenItDoes) {
  const auto layout =
      lay_out("orders", {{"id", "Int32"}, {"at", "Date"}}, {"id"});
  make(layout);
  // 2018-11-04 in Sao Paulo: 00:00 was 01:00.
  insert(layout, {{fixed_value(1), fixed_value(std::uint16_t{17'839})}});
  const auto about = hourly_over("at", "America/Sao_Paulo");
  const std::vector<std::string> keys{"1"};
  EXPECT_THAT(ask(marks::times_of_keys(about, "main", {"id"}, keys)),
              ElementsAre(17'839 * day + 3 * hour));
}

TEST_F(LookBack, NamesThatNeedQuotesAreQuoted) {
  const auto layout =
      lay_out("or`d\"ers", {{"i d", "Int32"}, {"a`t", "DateTime"}}, {"i d"});
  run(*connection_, "DROP TABLE IF EXISTS `or\\`d\"ers` SYNC");
  run(*connection_, silver::create_table(layout, "main"));
  insert(layout, {{fixed_value(1), fixed_value(7'200U)}});
  auto about = hourly_over("a`t");
  about.gold.window.over_table = "or`d\"ers";
  const std::vector<std::string> keys{"1"};
  EXPECT_THAT(ask(marks::times_of_keys(about, "main", {"i d"}, keys)),
              ElementsAre(7'200));
  run(*connection_, "DROP TABLE `or\\`d\"ers` SYNC");
}

// -- rows of a cut ------------------------------------------------------------

TEST_F(LookBack, RowsOfACutAreFoundByTheirOffsetsHiddenOnesToo) {
  make(orders_);
  const auto order = [](int id, std::int64_t when) -> std::vector<value> {
    return {fixed_value(std::int32_t{id}), fixed_value(0),
            fixed_value(static_cast<std::uint32_t>(when))};
  };
  insert(orders_, {order(1, 1 * hour), order(2, 2 * hour)}, 100);
  insert(orders_, {order(3, 3 * hour)}, 102, true);
  insert(orders_, {order(4, 4 * hour)}, 103);
  insert(orders_, {order(5, 5 * hour)}, 100, false, 1);
  insert(orders_, {order(6, 6 * hour)}, 100, false, 0, 1);
  // A newer row of the first one's key.
  insert(orders_, {order(1, 9 * hour)}, 200);
  const gold::cut_name cut{"orders", "t", 0, 0, 100, 103};
  const auto found =
      [&](std::vector<std::pair<std::int64_t, std::int64_t>> offsets,
          const settings& profile = {}) {
        return ask(marks::times_of_rows(hourly_over(), "main",
                                        {cut, std::move(offsets)}),
                   profile);
      };
  EXPECT_THAT(found({{100, 103}}), ElementsAre(hour, 2 * hour, 3 * hour));
  EXPECT_THAT(found({{100, 103}}, {{"final", "1"}}),
              ElementsAre(hour, 2 * hour, 3 * hour))
      << "whatever the profile says";
  EXPECT_THAT(found({{100, 101}, {102, 103}}), ElementsAre(hour, 3 * hour));
  EXPECT_THAT(found({{0, 1'000}}), ElementsAre(hour, 2 * hour, 3 * hour))
      << "nothing outside of the cut";
  EXPECT_THAT(found({}), IsEmpty());
}

TEST_F(LookBack, RowsOfACutMayBeVeryManyRanges) {
  make(orders_);
  std::vector<std::vector<value>> rows;
  std::vector<std::pair<std::int64_t, std::int64_t>> odd;
  for (std::int32_t n = 0; n < 50'000; ++n) {
    rows.push_back({fixed_value(n), fixed_value(n),
                    fixed_value(static_cast<std::uint32_t>(n % 2 * hour))});
    if (n % 2 == 1)
      odd.emplace_back(n, n + 1);
  }
  insert(orders_, rows);
  EXPECT_THAT(ask(marks::times_of_rows(
                  hourly_over(), "main",
                  {{"orders", "t", 0, 0, 0, 50'000}, std::move(odd)})),
              ElementsAre(hour));
}

// -- joined rows --------------------------------------------------------------

TEST_F(LookBack, JoinedKeysLeadToTheWindowsOfTheirOrders) {
  make_joined();
  insert(customers_, {customer(2, 7), customer(3, 8), customer(4, 9)});
  // As they are now: 3 has another friend, 4 is gone.
  insert(customers_, {customer(3, 1)}, 10);
  insert(customers_, {customer(4, 0)}, 11, true);
  const std::vector<std::string> keys{"2", "3", "4", "5"};
  EXPECT_THAT(ask(marks::times_of_joined_keys(joined_by("friend"), "main",
                                              {"id"}, keys)),
              ElementsAre(hour, 7 * hour));
  EXPECT_THAT(
      ask(marks::times_of_joined_keys(joined_by("id"), "main", {"id"}, keys)),
      ElementsAre(2 * hour, 3 * hour));
}

TEST_F(LookBack, JoinedRowsOfACutLeadToThemHiddenOnesToo) {
  make_joined();
  insert(customers_, {customer(2, 7), customer(3, 8)});
  insert(customers_, {customer(4, 0)}, 2, true);
  insert(customers_, {customer(5, 6)}, 3);
  // Orders are taken as they are: this one has moved, that one is gone.
  insert(orders_, {{fixed_value(8), fixed_value(8), fixed_value(72'000U)}}, 50);
  insert(orders_, {{fixed_value(7), fixed_value(0), fixed_value(0U)}}, 51,
         true);
  const marks::cut_rows cut{{"customers", "t", 0, 0, 0, 3}, {{0, 3}}};
  EXPECT_THAT(ask(marks::times_of_joined_rows(joined_by("id"), "main", cut)),
              ElementsAre(2 * hour, 3 * hour, 4 * hour));
  EXPECT_THAT(ask(marks::times_of_joined_rows(joined_by("id"), "main", cut),
                  {{"final", "1"}}),
              ElementsAre(2 * hour, 3 * hour, 4 * hour));
  EXPECT_THAT(
      ask(marks::times_of_joined_rows(joined_by("friend"), "main", cut)),
      ElementsAre(0, 72'000));
}

TEST_F(LookBack, JoinedRowsFromACutOnwardsAreFoundAfterAMergeToo) {
  make_joined();
  insert(customers_, {customer(2)}, 10);
  insert(customers_, {customer(2)}, 20);
  run(*connection_, "SYSTEM START MERGES customers");
  run(*connection_, "OPTIMIZE TABLE main.customers FINAL");
  const auto ask_until = [this](std::int64_t hi) {
    return ask(marks::times_of_joined_rows(
        joined_by(), "main", {{"customers", "t", 0, 0, 10, hi}, {{10, hi}}}));
  };
  EXPECT_THAT(ask_until(11), IsEmpty()) << "why it is asked onwards";
  EXPECT_THAT(ask_until(std::numeric_limits<std::int64_t>::max()),
              ElementsAre(2 * hour));
}

TEST_F(LookBack, JoinedValuesLeadToOrdersWhoeverTheirCustomerIs) {
  make_joined();
  const std::vector<std::string> values{"2", "5", "77"};
  EXPECT_THAT(ask(marks::times_of_joined_values(joined_by(), "main", values)),
              ElementsAre(2 * hour, 5 * hour));
}

} // namespace
} // namespace sluice::clickhouse::testing
