#include "marks/look_back.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace sluice::marks {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

feed sales() {
  topology::gold gold;
  gold.name = "sales";
  gold.window.over_table = "orders";
  gold.window.over_column = "at";
  gold.window.every = std::chrono::hours{1};
  gold.timezone = "Europe/Berlin";
  auto rule = gold::window_rule::make(gold).value();
  topology::gold_join join;
  join.table = "users";
  join.column = "id";
  join.over_column = "user_id";
  return {gold, std::move(rule), join};
}

// That ClickHouse takes and answers them is shown by the engine's tests.

TEST(LookBack, AQuestionSaysWhoseWindowsItIsAboutAndInWhichZone) {
  const std::vector<std::string> keys{"1", "2"};
  const auto asked = times_of_keys(sales(), "shop", {"id"}, keys);
  EXPECT_EQ(asked.gold, "sales");
  EXPECT_EQ(asked.zone, "Europe/Berlin");
  EXPECT_THAT(settings_of(asked),
              Contains(Pair("session_timezone", "Europe/Berlin")));
}

TEST(LookBack, RowsAreTakenAsTheyAreForAKeyAndAsTheyAreStoredForACut) {
  const std::vector<std::string> keys{"1"};
  const cut_rows cut{{"orders", "t", 3, 2, 100, 200}, {{100, 200}}};
  EXPECT_THAT(times_of_keys(sales(), "shop", {"id"}, keys).sql,
              EndsWith(" SETTINGS final = 1"));
  const auto rows = times_of_rows(sales(), "shop", cut).sql;
  EXPECT_THAT(rows, HasSubstr("SETTINGS final = 0"));
  for (const auto* condition : {"`_partition` = 3", "`_epoch` = 2",
                                "`_offset` >= 100", "`_offset` < 200"})
    EXPECT_THAT(rows, HasSubstr(condition));
  const auto joined = times_of_joined_rows(sales(), "shop", cut).sql;
  EXPECT_THAT(joined, EndsWith(" SETTINGS final = 1"));
  EXPECT_THAT(joined, HasSubstr(" SETTINGS final = 0)"));
  EXPECT_THAT(joined, HasSubstr("`user_id` IN (SELECT `id` FROM "
                                "`shop`.`users` WHERE `_partition` = 3"));
  EXPECT_THAT(times_of_joined_keys(sales(), "shop", {"id"}, keys).sql,
              HasSubstr("`user_id` IN (SELECT `id` FROM `shop`.`users` "
                        "WHERE `id` IN (1))"));
  EXPECT_THAT(times_of_joined_values(sales(), "shop", keys).sql,
              HasSubstr("`user_id` IN (1)"));
}

TEST(LookBack, AKeyOfSeveralColumnsIsATuple) {
  const std::vector<std::string> keys{"(1,'a')", "(2,'b')"};
  EXPECT_THAT(times_of_keys(sales(), "shop", {"tenant", "i`d"}, keys).sql,
              HasSubstr(R"((`tenant`, `i\`d`) IN ((1,'a'),(2,'b')))"));
}

TEST(LookBack, AQuestionHasSoManyKeysAndBytesAndNoMore) {
  EXPECT_EQ(keys_that_fit({}), 0U);
  const std::vector<std::string> many(keys_per_question + 1, "1");
  EXPECT_EQ(keys_that_fit(many), keys_per_question);
  EXPECT_EQ(keys_that_fit(std::span{many}.first(7)), 7U);
  const std::vector<std::string> long_ones(
      3, std::string(key_bytes_per_question / 2, 'x'));
  EXPECT_EQ(keys_that_fit(long_ones), 2U);
  const std::vector<std::string> too_long{
      std::string(key_bytes_per_question + 1, 'x'), "1"};
  EXPECT_EQ(keys_that_fit(too_long), 1U) << "or none would ever be asked for";
}

TEST(LookBack, AnswersAreTimesOneALine) {
  EXPECT_THAT(parse_times("").value(), IsEmpty());
  EXPECT_THAT(parse_times("-7200\n0\n1771545600\n").value(),
              ElementsAre(-7'200, 0, 1'771'545'600));
}

TEST(LookBack, AnAnswerThatIsNoTimeIsRefused) {
  for (const auto* text : {"1", "\n", "1\n2", "1.5\n", "x\n", "1 \n", " 1\n",
                           "\\N\n", "99999999999999999999\n"}) {
    const auto read = parse_times(text);
    ASSERT_FALSE(read) << text;
    EXPECT_FALSE(read.error().empty());
  }
  std::string line(9'999, 'x');
  line.back() = '\n';
  EXPECT_LT(parse_times(line).error().size(), 80U);
}

} // namespace
} // namespace sluice::marks
