// Questions to silver about keys: each literal must find its own row and no
// other, in ClickHouse itself.
#include <cmath>
#include <limits>

#include "tests/engine/look_back_fixture.hpp"

namespace sluice::clickhouse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

__extension__ using int128 = __int128;

struct key_case {
  std::string name;
  std::string type;
  std::vector<value> values;
};

template <class T>
key_case integers(std::string type) {
  using limits = std::numeric_limits<T>;
  std::vector<value> values;
  for (const auto each : {limits::min(), T{1}, T{42}, limits::max()})
    values.push_back(fixed_value(each));
  return {type, type, std::move(values)};
}

template <class T>
key_case ticks(std::string name, std::string type, std::vector<T> values) {
  key_case result{std::move(name), std::move(type), {}};
  for (const auto each : values)
    result.values.push_back(fixed_value(each));
  return result;
}

/// 1900-01-01 to 2299-12-31 (2262-04-11 for nanoseconds), as far as a
/// DateTime64 goes, and what is near 0 and of few digits.
key_case moments(int scale) {
  std::int64_t second = 1;
  for (int i = 0; i < scale; ++i)
    second *= 10;
  const auto last = scale == 9 ? std::int64_t{9'223'372'036} : 10'413'791'999;
  std::vector<std::int64_t> values{-2'208'988'800 * second, 0, last * second};
  for (const auto each :
       {1, 9, 10, 12, 123, 999, 1'000, 1'234, 9'999, 12'345, 123'456})
    for (const auto sign : {1, -1})
      values.push_back(sign * each);
  for (const auto each : {5, 1'500, 99'999, 1'234'567, 1'771'545'600})
    for (const auto sign : {1, -1})
      values.push_back(sign * each * second + (scale > 0 ? 1 : 0));
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
  const auto digits = std::to_string(scale);
  return ticks("DateTime64Of" + digits, "DateTime64(" + digits + ")", values);
}

key_case texts(std::string name, std::string type) {
  key_case result{std::move(name), std::move(type), {}};
  for (const std::string_view each :
       {std::string_view{""}, std::string_view{"it's"},
        std::string_view{R"(a\b)"}, std::string_view{R"(\)"},
        std::string_view{R"(\')"}, std::string_view{R"(')"},
        std::string_view{"a\nb"}, std::string_view{"a\tb"},
        std::string_view{"\0001", 2}, std::string_view{"\0", 1},
        std::string_view{R"(\0)"}, std::string_view{"\xff\xfe"},
        std::string_view{"münchen"}, std::string_view{"`\"?{x:String}"},
        std::string_view{"1"}, std::string_view{"NULL"}, std::string_view{"/*"},
        std::string_view{"--"}})
    result.values.push_back(text_value(std::string{each}));
  result.values.push_back(text_value(std::string(300, 'x')));
  return result;
}

int128 power_of_ten(int exponent) {
  int128 result = 1;
  for (int i = 0; i < exponent; ++i)
    result *= 10;
  return result;
}

std::vector<key_case> key_cases() {
  constexpr auto ones = ~std::uint64_t{0};
  return {
      ticks<std::uint8_t>("Bool", "Bool", {0, 1}),
      integers<std::int8_t>("Int8"),
      integers<std::int16_t>("Int16"),
      integers<std::int32_t>("Int32"),
      integers<std::int64_t>("Int64"),
      integers<std::uint8_t>("UInt8"),
      integers<std::uint16_t>("UInt16"),
      integers<std::uint32_t>("UInt32"),
      integers<std::uint64_t>("UInt64"),
      ticks<std::uint16_t>("Date", "Date", {0, 1, 20'504, 65'535}),
      ticks<std::int32_t>("Date32", "Date32",
                          {-25'567, -1, 0, 1, 20'504, 65'536, 120'529}),
      ticks<std::uint32_t>("DateTime", "DateTime",
                           {0, 1, 1'771'545'600, 4'294'967'295U}),
      ticks<std::uint32_t>("DateTimeOfAZone", "DateTime('Europe/Berlin')",
                           {0, 1, 1'771'545'600, 4'294'967'295U}),
      moments(0),
      moments(1),
      moments(3),
      moments(6),
      moments(9),
      ticks<std::int32_t>("Decimal9", "Decimal(9, 2)",
                          {-999'999'999, -100, -1, 0, 1, 5, 99, 999'999'999}),
      ticks<std::int32_t>("Decimal9WithoutDecimals", "Decimal(9, 0)",
                          {-999'999'999, -1, 0, 1, 999'999'999}),
      ticks<std::int64_t>(
          "Decimal18", "Decimal(18, 18)",
          {-999'999'999'999'999'999, -1, 0, 1, 999'999'999'999'999'999}),
      ticks<int128>("Decimal38", "Decimal(38, 10)",
                    {1 - power_of_ten(38), -1, 0, 1, power_of_ten(20) + 1,
                     power_of_ten(38) - 1}),
      ticks<silver::uuid_value>(
          "Uuid", "UUID",
          {{0, 0},
           {0, 1},
           {1, 0},
           {ones, ones},
           {0x0123456789abcdefULL, 0xfedcba9876543210ULL}}),
      texts("String", "String"),
      texts("LowCardinality", "LowCardinality(String)"),
  };
}

constexpr std::int64_t hour = 3'600;

class LookBackForAKey : public look_back_test,
                        public ::testing::WithParamInterface<key_case> {
protected:
  /// A row for each value of the case, one an hour.
  void fill(const std::vector<std::string>& key) {
    layout_ = lay_out(
        "orders", {{"id", GetParam().type}, {"at", "DateTime"}, {"n", "Int32"}},
        key);
    make(*layout_);
    std::vector<std::vector<value>> rows;
    for (const auto& each : GetParam().values) {
      const auto n = static_cast<std::int32_t>(rows.size());
      rows.push_back({each,
                      fixed_value(static_cast<std::uint32_t>((n + 1) * hour)),
                      fixed_value(n)});
    }
    rows_ = insert(*layout_, rows);
  }

  std::vector<std::string> literals(std::vector<std::size_t> which) const {
    std::vector<std::size_t> all(rows_->rows());
    for (std::size_t row = 0; row < all.size(); ++row)
      all[row] = row;
    return silver::literals_of(*rows_, which, all);
  }

  std::optional<silver::table_layout> layout_;
  silver::block_ptr rows_;
};

TEST_P(LookBackForAKey, FindsItsRowAndNoOther) {
  fill({"id"});
  const auto keys = literals(layout_->key_columns);
  for (std::size_t row = 0; row < keys.size(); ++row)
    EXPECT_THAT(ask(marks::times_of_keys(hourly_over(), "main", {"id"},
                                         {&keys[row], 1})),
                ElementsAre(static_cast<std::int64_t>(row + 1) * hour))
        << keys[row];
  EXPECT_EQ(
      ask(marks::times_of_keys(hourly_over(), "main", {"id"}, keys)).size(),
      keys.size());
}

TEST_P(LookBackForAKey, FindsItsRowByAKeyOfTwoColumns) {
  fill({"n", "id"});
  const auto keys = literals(layout_->key_columns);
  for (std::size_t row = 0; row < keys.size(); ++row)
    EXPECT_THAT(ask(marks::times_of_keys(hourly_over(), "main", {"n", "id"},
                                         {&keys[row], 1})),
                ElementsAre(static_cast<std::int64_t>(row + 1) * hour))
        << keys[row];
  EXPECT_EQ(ask(marks::times_of_keys(hourly_over(), "main", {"n", "id"}, keys))
                .size(),
            keys.size());
}

TEST_P(LookBackForAKey, FindsTheRowsThatAreJoinedToIt) {
  fill({"n"});
  auto joined = hourly_over();
  joined.join = topology::gold_join{};
  joined.join->over_column = "id";
  const auto keys = literals({0});
  for (std::size_t row = 0; row < keys.size(); ++row)
    EXPECT_THAT(
        ask(marks::times_of_joined_values(joined, "main", {&keys[row], 1})),
        ElementsAre(static_cast<std::int64_t>(row + 1) * hour))
        << keys[row];
}

INSTANTIATE_TEST_SUITE_P(OfEveryType, LookBackForAKey,
                         ::testing::ValuesIn(key_cases()),
                         [](const auto& about) { return about.param.name; });

class LookBackForKeys : public look_back_test {};

TEST_F(LookBackForKeys, FloatsAreTakenByTheLastBit) {
  // No key has any, but a joined column may.
  const auto layout = lay_out("orders",
                              {{"id", "Int32"},
                               {"at", "DateTime"},
                               {"small", "Float32"},
                               {"large", "Float64"}},
                              {"id"});
  make(layout);
  std::vector<std::vector<value>> rows;
  for (const auto each :
       {0.1, 1.0 / 3, 5e-324, 1e300, -2.2250738585072014e-308,
        9'007'199'254'740'993.0, 1.7976931348623157e308, 123456.789e-17,
        std::numeric_limits<double>::infinity(), 8.41e21, 4.35, 0.000035689}) {
    const auto n = static_cast<std::int32_t>(rows.size());
    rows.push_back({fixed_value(n),
                    fixed_value(static_cast<std::uint32_t>((n + 1) * hour)),
                    fixed_value(1.0F / static_cast<float>(n + 3)),
                    fixed_value(each)});
  }
  const auto block = insert(layout, rows);
  for (const auto& name : {"small", "large"}) {
    auto joined = hourly_over();
    joined.join = topology::gold_join{};
    joined.join->over_column = name;
    const std::size_t column = std::string_view{name} == "small" ? 2 : 3;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto literal = silver::literals_of(*block, {&column, 1}, {&row, 1});
      EXPECT_THAT(ask(marks::times_of_joined_values(joined, "main", literal)),
                  ElementsAre(static_cast<std::int64_t>(row + 1) * hour))
          << literal.front();
    }
  }
}

TEST_F(LookBackForKeys, OneQuestionMayHaveTenThousandOfManyColumns) {
  const auto layout =
      lay_out("orders",
              {{"id", "Int64"},
               {"name", "String"},
               {"day", "Date32"},
               {"moment", "DateTime64(6)"},
               {"price", "Decimal(18, 4)"},
               {"uuid", "UUID"},
               {"flag", "Bool"},
               {"at", "DateTime"}},
              {"id", "name", "day", "moment", "price", "uuid", "flag"});
  make(layout);
  constexpr std::size_t most = marks::keys_per_question;
  std::vector<std::vector<value>> rows;
  std::vector<std::size_t> odd;
  for (std::size_t i = 0; i < 2 * most; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    if (i % 2 == 1)
      odd.push_back(i);
    rows.push_back({fixed_value(n), text_value("it's\n" + std::to_string(i)),
                    fixed_value(static_cast<std::int32_t>(n % 1'000)),
                    fixed_value(n * n), fixed_value(-n),
                    fixed_value(silver::uuid_value{i, i}),
                    fixed_value(static_cast<std::uint8_t>(i % 2)),
                    fixed_value(static_cast<std::uint32_t>(n % 2 * hour + n))});
  }
  const auto block = insert(layout, rows);
  const auto keys = silver::literals_of(*block, layout.key_columns, odd);
  ASSERT_EQ(keys.size(), most);
  ASSERT_EQ(marks::keys_that_fit(keys), most);
  EXPECT_THAT(
      ask(marks::times_of_keys(hourly_over(), "main", layout.table.key, keys)),
      ElementsAre(hour, 2 * hour, 3 * hour, 4 * hour, 5 * hour, 6 * hour));
}

TEST_F(LookBackForKeys, TheTextOfOneQuestionMayBeAsLongAsItGets) {
  const auto layout =
      lay_out("orders", {{"id", "String"}, {"at", "DateTime"}}, {"id"});
  make(layout);
  // Twice as long once it is quoted.
  const std::vector<std::vector<value>> rows{
      {text_value(std::string(4U << 20U, '\'')), fixed_value(7'200U)},
      {text_value(std::string(20U << 20U, '\\')), fixed_value(10'800U)}};
  const auto block = insert(layout, rows);
  const std::vector<std::size_t> all{0, 1};
  const auto keys = silver::literals_of(*block, layout.key_columns, all);
  EXPECT_EQ(marks::keys_that_fit(keys), 1U);
  EXPECT_THAT(ask(marks::times_of_keys(hourly_over(), "main", {"id"}, keys)),
              ElementsAre(7'200, 10'800));
}

TEST_F(LookBackForKeys, RowsThatAreHiddenOrReplacedAreNotFound) {
  const auto layout =
      lay_out("orders", {{"id", "Int32"}, {"at", "DateTime"}}, {"id"});
  make(layout);
  insert(layout, {{fixed_value(1), fixed_value(3'600U)},
                  {fixed_value(2), fixed_value(7'200U)},
                  {fixed_value(3), fixed_value(10'800U)}});
  insert(layout, {{fixed_value(1), fixed_value(36'000U)}}, 10);
  insert(layout, {{fixed_value(2), fixed_value(0U)}}, 11, true);
  const std::vector<std::string> keys{"1", "2", "4"};
  EXPECT_THAT(ask(marks::times_of_keys(hourly_over(), "main", {"id"}, keys)),
              ElementsAre(36'000));
}

TEST_F(LookBackForKeys, NoRowIsAnAnswer) {
  const auto layout =
      lay_out("orders", {{"id", "Int32"}, {"at", "DateTime"}}, {"id"});
  make(layout);
  const std::vector<std::string> keys{"1"};
  EXPECT_THAT(ask(marks::times_of_keys(hourly_over(), "main", {"id"}, keys)),
              IsEmpty());
}

TEST_F(LookBackForKeys, ATableThatIsMissingIsAnError) {
  run(*connection_, "DROP TABLE IF EXISTS orders SYNC");
  const std::vector<std::string> keys{"1"};
  const auto got =
      answer(marks::times_of_keys(hourly_over(), "main", {"id"}, keys));
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, ::testing::HasSubstr("orders"));
}

} // namespace
} // namespace sluice::clickhouse::testing
