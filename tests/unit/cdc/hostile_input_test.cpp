#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "recorded_events.hpp"
#include "table_under_test.hpp"

namespace sluice::cdc_test {

namespace {

using cdc::verdict;

table_under_test postgres_table() {
  return table_under_test(
      {column("id", "Int64"), column("b", "Nullable(Bool)"),
       column("i8", "Nullable(Int64)"), column("f8", "Nullable(Float64)"),
       column("n", "Nullable(Decimal(10, 2))"),
       with(column("nfree", "Nullable(Decimal(38, 6))"), on_invalid::null),
       column("d", "Nullable(Date32)"),
       with(column("ts", "Nullable(DateTime64(6))"), time_unit::us),
       column("tstz", "Nullable(DateTime64(6))"), column("u", "Nullable(UUID)"),
       raw(column("jb", "Nullable(String)")),
       with(column("arr", "Array(Nullable(Int32))"), on_invalid::clamp),
       column("sku", "Nullable(String)", "nfree.value")},
      {"id"});
}

table_under_test mongodb_table() {
  return table_under_test(
      {column("_id", "String"), column("user_id", "Nullable(Int32)"),
       column("total", "Nullable(Decimal(10, 2))"),
       column("created_at", "Nullable(DateTime64(3))"),
       column("b", "Nullable(String)"),
       raw(column("items", "Nullable(String)")),
       with(column("a", "Array(Nullable(Int32))", "nested.a"),
            on_invalid::clamp)},
      {"_id"}, record_format::debezium_mongodb);
}

struct capture {
  table_under_test table;
  std::vector<recorded_event> events;
};

std::vector<capture> captures() {
  std::vector<capture> result;
  result.push_back(
      {postgres_table(), recorded("json/postgres.public.alltypes")});
  result.push_back({mongodb_table(), recorded("mongo/mongo.inventory.orders")});
  result.push_back({mongodb_table(), recorded("mongo/mongo.inventory.users")});
  return result;
}

std::string mutate(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view spice =
      "{}[]\",:\\0123456789eE+-.tfnu \n\xFF\xC3/$_";
  const auto below = [&random](std::size_t limit) {
    return random() % (limit + 1);
  };
  const auto changes = 1 + below(3);
  for (std::size_t i = 0; i < changes; ++i) {
    const auto at = below(text.size());
    switch (below(4)) {
    case 0:
      text.insert(at, 1, spice[below(spice.size() - 1)]);
      break;
    case 1:
      text.erase(at, 1 + below(8));
      break;
    case 2:
      if (at < text.size())
        text[at] = spice[below(spice.size() - 1)];
      break;
    case 3:
      text.insert(at, text.substr(below(text.size()), below(24)));
      break;
    default:
      if (at < text.size())
        text[at] = static_cast<char>(static_cast<unsigned char>(random()));
    }
  }
  return text;
}

} // namespace

TEST(HostileInput, AMessageCutAnywhereIsRejected) {
  for (auto& [table, events] : captures()) {
    for (const auto& event : events) {
      if (!event.value)
        continue;
      for (std::size_t size = 0; size < event.value->size(); ++size) {
        const auto result = table.decode(
            event.key, std::string_view(*event.value).substr(0, size));
        ASSERT_EQ(result.what, verdict::rejected)
            << event.value->substr(0, size);
        ASSERT_FALSE(result.detail.empty());
      }
    }
    EXPECT_EQ(table.row_count(), 0U);
  }
}

TEST(HostileInput, AKeyCutAnywhereNeverDeletesAnotherRow) {
  auto table = mongodb_table();
  const std::string key =
      R"({"id":"{\"$oid\": \"65f000000000000000000001\"}"})";
  const std::string removed = R"({"op":"d","before":null,"after":null})";
  for (std::size_t size = 0; size < key.size(); ++size) {
    const auto result =
        table.decode(std::string_view(key).substr(0, size), removed);
    ASSERT_EQ(result.rejected, cdc::reject_reason::missing_key);
  }
  EXPECT_EQ(table.decode(key, removed).what, verdict::deleted);
}

TEST(HostileInput, TheOrderOfEarlierRecordsNeverChangesAnAnswer) {
  // What was learned from other shapes must not show.
  std::mt19937_64 random(7);
  for (auto& [seasoned, events] : captures()) {
    for (int round = 0; round < 300; ++round) {
      const auto& event = events[random() % events.size()];
      if (!event.value)
        continue;
      const auto value = mutate(*event.value, random);
      auto fresh = postgres_table();
      auto other = mongodb_table();
      auto& untouched =
          event.value->find("\"mongo\"") != std::string::npos ? other : fresh;
      const auto expected = untouched.decode(event.key, value, event.offset);
      const auto result = seasoned.decode(event.key, value, event.offset);
      ASSERT_EQ(result.what, expected.what) << value;
      ASSERT_EQ(result.ignored, expected.ignored) << value;
      ASSERT_EQ(result.rejected, expected.rejected) << value;
      ASSERT_EQ(result.detail, expected.detail) << value;
      ASSERT_EQ(seasoned.rows(), untouched.rows()) << value;
    }
  }
}

TEST(HostileInput, MutatedMessagesAreDecodedOrRejectedAndLeaveNoTrace) {
  std::mt19937_64 random(20'260'220);
  std::size_t rejected = 0;
  std::size_t written = 0;
  for (auto& [table, events] : captures()) {
    for (int round = 0; round < 34'000; ++round) {
      const auto& event = events[random() % events.size()];
      auto key = event.key;
      auto value = event.value;
      if (key && random() % 4 == 0)
        key = mutate(*key, random);
      if (value)
        value = mutate(*value, random);
      const auto before = table.size();
      const auto rows = table.row_count();
      const auto result = table.decode(key, value, event.offset);
      if (table.row_count() == rows) {
        ASSERT_EQ(table.size(), before);
        ASSERT_EQ(result.detail.empty(), result.what != verdict::rejected);
        rejected += result.what == verdict::rejected ? 1 : 0;
      } else {
        ++written;
      }
      // Reading the block back proves that its columns are consistent.
      if (table.row_count() == 100) {
        ASSERT_EQ(table.rows().size(), 100U);
      }
    }
  }
  EXPECT_GT(rejected, 10'000U);
  EXPECT_GT(written, 5'000U);
}

} // namespace sluice::cdc_test
