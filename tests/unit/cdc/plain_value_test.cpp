// The short way must end where the long way ends.
#include "cdc/plain_value.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "cdc/column_writer.hpp"
#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::value;
using cdc::value_form;

struct one_column {
  explicit one_column(const topology::column& what) {
    topology::table table;
    table.name = "t";
    table.topic = "topic";
    table.mode = table_mode::append;
    table.columns = {what};
    layout = silver::lay_out(table).value();
    plans = cdc::plan_columns(layout);
  }

  /// What one way makes of a value; empty: it refuses.
  std::string by(const auto& append) const {
    silver::block_builder rows({layout.block_columns.front()});
    if (!append(plans.front(), rows.column(0)))
      return {};
    rows.commit_row();
    return native_rows::read(*rows.finish(), {layout.block_columns.front()})
        .front()
        .front();
  }

  silver::table_layout layout;
  std::vector<cdc::column_plan> plans;
};

std::vector<topology::column> columns() {
  std::vector<topology::column> result;
  for (const auto* type : {"Int8",
                           "Int16",
                           "Int32",
                           "Int64",
                           "UInt8",
                           "UInt16",
                           "UInt32",
                           "UInt64",
                           "Nullable(Int32)",
                           "String",
                           "Nullable(String)",
                           "Decimal(9, 2)",
                           "Decimal(12, 0)",
                           "Decimal(18, 18)",
                           "Decimal(18, 4)",
                           "Decimal(38, 2)",
                           "Float64",
                           "Bool",
                           "UUID",
                           "Date",
                           "Date32"})
    result.push_back(column("v", type));
  for (const auto unit : {time_unit::s, time_unit::ms, time_unit::us,
                          time_unit::ns, time_unit::days, time_unit::automatic})
    for (const auto* type : {"DateTime", "DateTime64(3)", "DateTime64(6)",
                             "DateTime64(9)", "Date"})
      result.push_back(with(column("v", type), unit));
  return result;
}

std::vector<std::string> texts(std::mt19937_64& random) {
  std::vector<std::string> result = {
      "0",
      "-0",
      "1",
      "-1",
      "127",
      "128",
      "-128",
      "-129",
      "255",
      "256",
      "2147483647",
      "2147483648",
      "4294967295",
      "4294967296",
      "999999999999999999",
      "1000000000000000000",
      "9223372036854775807",
      "9223372036854775808",
      "18446744073709551615",
      "18446744073709551616",
      "0.5",
      "-0.5",
      "1.25",
      "1.2",
      "1.250",
      "1.255",
      "-12.34",
      "9999999.99",
      "10000000.00",
      "0.999999999999999999",
      "1.5e3",
      "1e3",
      "12345678",
      "1234567.12",
      "1763740000000779",
      "1763740000000",
      "-2208988800000",
      "-2208988800001",
      "",
      "-",
      ".5",
      "5.",
      "-.5",
      "1.-5",
      "1.+5",
      "+1.5",
      "--1.5",
      "abcd",
      "MS41",
      "Infinity",
      "2026-11-21T10:00:00Z",
  };
  for (int i = 0; i < 400; ++i) {
    std::string text = random() % 3 == 0 ? "-" : "";
    for (auto left = 1 + random() % 19; left > 0; --left)
      text.push_back(static_cast<char>('0' + random() % 10));
    if (random() % 2 == 0)
      text.insert(random() % (text.size() + 1), ".");
    result.push_back(text);
  }
  return result;
}

TEST(PlainValue, IsWhatTheLongWayMakesOfIt) {
  std::mt19937_64 random(7);
  std::size_t plain = 0;
  for (const auto& what : columns()) {
    const one_column table(what);
    for (const auto& text : texts(random))
      for (const auto form : {value_form::number, value_form::string}) {
        value from;
        from.form = form;
        from.text = text;
        const auto short_way = table.by([&](const auto& plan, auto& to) {
          return cdc::append_plain(plan, from, to);
        });
        if (short_way.empty())
          continue;
        ++plain;
        const auto long_way = table.by([&](const auto& plan, auto& to) {
          cdc::column_writer writer;
          return writer.write(plan, from, to) == cdc::reject_reason::none;
        });
        EXPECT_EQ(short_way, long_way) << what.type << ": " << text;
      }
  }
  EXPECT_GT(plain, 3000U);
}

TEST(PlainValue, IsNoneThatSaysMoreThanItsText) {
  const one_column table(with(column("v", "DateTime64(6)"), time_unit::us));
  value from;
  from.form = value_form::number;
  from.text = "1763740000000";
  const auto is_plain = [&] {
    return !table
                .by([&](const auto& plan, auto& to) {
                  return cdc::append_plain(plan, from, to);
                })
                .empty();
  };
  EXPECT_TRUE(is_plain());
  from.unit = time_unit::ms;
  EXPECT_FALSE(is_plain());
  from.unit = time_unit::automatic;
  from.wrapped = cdc::wrapper::date;
  EXPECT_FALSE(is_plain());
}

} // namespace

} // namespace sluice::cdc_test
