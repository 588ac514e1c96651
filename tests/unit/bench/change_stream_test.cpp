#include "bench/change_stream.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace sluice::bench {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using json = nlohmann::json;

std::unique_ptr<change_stream> stream(const char* name,
                                      std::uint64_t seed = 1) {
  return make_change_stream(name, seed).value();
}

std::uint64_t cents(const std::string& total) {
  return std::stoull(total.substr(0, total.size() - 3)) * 100
         + std::stoull(total.substr(total.size() - 2));
}

std::string text_of(const json& order, bool wide) {
  std::string result;
  const auto add = [&](const std::string& text) {
    result += (result.empty() ? "" : "|") + text;
  };
  const auto number = [&](const char* name) {
    add(std::to_string(order.at(name).get<std::int64_t>()));
  };
  number("order_id");
  number("user_id");
  add(order.at("status"));
  add(order.at("sku"));
  number("quantity");
  add(std::to_string(cents(order.at("total"))));
  number("created_at");
  number("updated_at");
  if (wide) {
    add(order.at("shipping_address"));
    add(order.at("note"));
  }
  return result;
}

/// Follows the events as any consumer of a change topic would.
table_totals follow_orders(change_stream& orders, int count, bool wide) {
  std::map<std::string, json> table;
  for (auto number = 0; number < count; ++number) {
    const auto what = orders.next();
    const auto value = json::parse(what.value);
    const std::string key{what.key};
    if (value.at("op") == "d") {
      EXPECT_EQ(table.erase(key), 1U) << "a delete of a row that is not there";
      EXPECT_EQ(value.at("before").at("order_id"),
                json::parse(key).at("order_id"));
      continue;
    }
    EXPECT_EQ(table.contains(key), value.at("op") == "u");
    table[key] = value.at("after");
  }
  table_totals result;
  for (const auto& [key, row] : table)
    result.add(text_of(row, wide));
  return result;
}

TEST(ChangeStream, TotalsAreWhatTheEventsLeadTo) {
  for (const auto* name : {"orders", "orders-wide"}) {
    const auto orders = stream(name);
    const auto followed =
        follow_orders(*orders, 20'000, std::string{name} == "orders-wide");
    EXPECT_EQ(orders->totals(), followed) << name;
    EXPECT_GT(followed.rows, 15'000U);
  }
}

TEST(ChangeStream, UsersLeadToTheirTotalsToo) {
  const auto users = stream("users");
  std::map<std::string, json> table;
  for (auto number = 0; number < 10'000; ++number) {
    const auto what = users->next();
    const auto value = json::parse(what.value);
    if (value.at("op") == "d")
      table.erase(std::string{what.key});
    else
      table[std::string{what.key}] = value.at("after");
  }
  table_totals expected;
  for (const auto& [key, row] : table)
    expected.add(std::to_string(row.at("user_id").get<std::int64_t>()) + '|'
                 + row.at("full_name").get<std::string>() + '|'
                 + row.at("email").get<std::string>() + '|'
                 + std::to_string(row.at("updated_at").get<std::int64_t>()));
  EXPECT_EQ(users->totals(), expected);
}

TEST(ChangeStream, EventsCarryExtendedJsonWithADocumentInIt) {
  const auto events = stream("events");
  std::set<std::string> ids;
  for (auto number = 0; number < 1000; ++number) {
    const auto value = json::parse(events->next().value);
    const auto after = json::parse(value.at("after").get<std::string>());
    const auto id = after.at("_id").at("$oid").get<std::string>();
    EXPECT_EQ(id.size(), 24U);
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(after.at("metadata").at("device").is_object());
    EXPECT_TRUE(after.at("ts").at("$date").is_number_integer());
  }
  EXPECT_EQ(events->totals().rows, 1000U);
}

TEST(ChangeStream, SizesAreThoseOfTheGoals) {
  const auto mean = [](const char* name) {
    const auto from = stream(name);
    std::size_t bytes = 0;
    for (auto number = 0; number < 10'000; ++number)
      bytes += from->next().value.size();
    return bytes / 10'000;
  };
  EXPECT_THAT(mean("orders"), AllOf(Ge(600U), Le(620U)));
  EXPECT_THAT(mean("orders-wide"), AllOf(Ge(980U), Le(1050U)));
}

TEST(ChangeStream, TheSameSeedMakesTheSameEvents) {
  for (const auto* name : {"orders", "orders-wide", "users", "events"}) {
    const auto one = stream(name, 7);
    const auto same = stream(name, 7);
    const auto other = stream(name, 8);
    auto differs = false;
    for (auto number = 0; number < 100; ++number) {
      const auto what = one->next();
      const auto again = same->next();
      EXPECT_EQ(what.key, again.key);
      EXPECT_EQ(what.value, again.value);
      differs |= other->next().value != what.value;
    }
    EXPECT_TRUE(differs) << name;
  }
}

TEST(ChangeStream, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  const auto made = make_change_stream("order", 1);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), AllOf(HasSubstr("'order'"), HasSubstr("events")));
}

} // namespace
} // namespace sluice::bench
