#include "simulation/time_question.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "marks/look_back.hpp"
#include "simulation/gold_model.hpp"

namespace sluice::simulation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The feed of `order_hours`, through `users` or by itself.
marks::feed feed_of(bool joined) {
  const auto hours = make_golds().front();
  const auto table = joined ? hours.joins.front().table : "orders";
  return marks::feeds_of({hours}, table).value().front();
}

time_question read(const marks::question& what) {
  return parse_time_question(what.sql, "at").value();
}

const gold::cut_name cut{"users", "users", 1, 2, 10, 20};

TEST(TimeQuestion, AsksForKeysAsTheyAre) {
  const std::vector<std::string> keys{"3", "5"};
  const auto asked = read(times_of_keys(feed_of(false), "db", {"id"}, keys));
  EXPECT_EQ(asked.granule, 3600);
  EXPECT_EQ(asked.over.table, "orders");
  EXPECT_TRUE(asked.over.as_they_are);
  EXPECT_FALSE(asked.over.has_final);
  EXPECT_EQ(asked.over.which.column, "id");
  EXPECT_THAT(asked.over.which.values, ElementsAre(3, 5));
  EXPECT_FALSE(asked.joined);
}

TEST(TimeQuestion, AsksForJoinedKeysAsTheyAre) {
  const std::vector<std::string> keys{"3"};
  const auto asked =
      read(times_of_joined_keys(feed_of(true), "db", {"id"}, keys));
  EXPECT_TRUE(asked.over.as_they_are);
  EXPECT_EQ(asked.over.which.column, "id");
  ASSERT_TRUE(asked.joined);
  EXPECT_EQ(asked.joined->table, "users");
  EXPECT_TRUE(asked.joined->as_they_are);
  EXPECT_EQ(asked.joined->which.column, "id");
  EXPECT_THAT(asked.joined->which.values, ElementsAre(3));
  EXPECT_EQ(asked.joined_column, "link");
}

TEST(TimeQuestion, AsksForJoinedRowsAsTheyAreStored) {
  const auto asked = read(
      times_of_joined_rows(feed_of(true), "db", {cut, {{10, 12}, {15, 16}}}));
  EXPECT_TRUE(asked.over.as_they_are);
  ASSERT_TRUE(asked.joined);
  EXPECT_FALSE(asked.joined->as_they_are);
  const auto& place = asked.joined->which;
  EXPECT_TRUE(place.is_by_place());
  EXPECT_EQ(place.partition, 1);
  EXPECT_EQ(place.epoch, 2);
  EXPECT_TRUE(place.holds(11));
  EXPECT_FALSE(place.holds(12));
  EXPECT_TRUE(place.holds(15));
  EXPECT_FALSE(place.holds(20));
}

TEST(TimeQuestion, MayHaveABitmap) {
  const auto asked = read(
      times_of_rows(feed_of(false), "db",
                    {cut, {{10, 11}, {12, 13}, {14, 15}, {16, 17}, {18, 19}}}));
  EXPECT_FALSE(asked.over.as_they_are);
  for (std::int64_t offset = 8; offset < 22; ++offset)
    EXPECT_EQ(asked.over.which.holds(offset),
              offset >= 10 && offset < 20 && offset % 2 == 0)
        << offset;
}

TEST(TimeQuestion, MayListValues) {
  const std::vector<std::string> values{"-1", "7"};
  const auto asked = read(times_of_joined_values(feed_of(true), "db", values));
  EXPECT_THAT(asked.over.which.values, ElementsAre(-1, 7));
  EXPECT_EQ(asked.over.which.column, "id");
}

TEST(TimeQuestion, OfAnotherFormIsRefused) {
  const std::vector<std::string> keys{"3"};
  const auto sql = times_of_keys(feed_of(false), "db", {"id"}, keys).sql;
  EXPECT_THAT(parse_time_question(sql + " LIMIT 1", "at").error(),
              HasSubstr("the end is not where it should be: ' LIMIT 1'"));
  EXPECT_FALSE(parse_time_question(sql, "another"));
  EXPECT_FALSE(parse_time_question("", "at"));
  for (std::size_t size = 0; size < sql.size() - 1; ++size)
    EXPECT_TRUE(!parse_time_question(sql.substr(0, size), "at")
                || sql.substr(size).starts_with(" SETTINGS"))
        << sql.substr(0, size);
}

} // namespace
} // namespace sluice::simulation
