#include "cli/reset_plan.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using kind = topology::table_start::kind;

partition_facts facts(std::int64_t start, std::int64_t end) {
  partition_facts result;
  result.where = {"users", 0};
  result.bounds = {start, end};
  result.committed.offset = end;
  result.metadata.tables.push_back({1, end, {}, 0, {}});
  return result;
}

TEST(ReadAgain, EverythingThatTheTopicEverHad) {
  const auto whole = read_again(facts(0, 9), {});
  EXPECT_EQ(whole.offset, 0);
  EXPECT_EQ(whole.lost, "");
  const auto rest = read_again(facts(4, 9), {});
  EXPECT_EQ(rest.offset, 4);
  EXPECT_EQ(rest.lost, "offsets 0 to 3 are gone from the topic");
  EXPECT_EQ(read_again(facts(0, 0), {}).lost, "");
}

TEST(ReadAgain, FromAnOffset) {
  topology::table_start start;
  start.from = kind::offset;
  start.offset = 6;
  EXPECT_EQ(read_again(facts(4, 9), start).offset, 6);
  EXPECT_EQ(read_again(facts(4, 9), start).lost, "");
  EXPECT_EQ(read_again(facts(7, 9), start).lost,
            "offsets 6 to 6 are gone from the topic");
  EXPECT_EQ(read_again(facts(0, 3), start).offset, 3);
}

TEST(ReadAgain, FromATime) {
  topology::table_start start;
  start.from = kind::timestamp;
  auto of = facts(4, 9);
  of.at_time = 7;
  EXPECT_EQ(read_again(of, start).offset, 7);
  EXPECT_EQ(read_again(of, start).lost, "");
  of.at_time = 4;
  EXPECT_THAT(read_again(of, start).lost, HasSubstr("may be of that time"));
  of.bounds.start = 0;
  of.at_time = 0;
  EXPECT_EQ(read_again(of, start).lost, "");
}

TEST(ReadAgain, TheEndBringsNothingBack) {
  topology::table_start start;
  start.from = kind::latest;
  EXPECT_EQ(read_again(facts(0, 9), start).offset, 9);
  EXPECT_THAT(read_again(facts(0, 9), start).lost, HasSubstr("start: latest"));
  EXPECT_EQ(read_again(facts(0, 0), start).lost, "");
}

TEST(ReadAgain, WhereAnOffsetWasSetByHand) {
  auto of = facts(0, 9);
  of.committed.offset = 5;
  of.metadata.tables.clear();
  EXPECT_EQ(read_again(of, {}).offset, 5);
  EXPECT_THAT(read_again(of, {}).lost, HasSubstr("set from outside"));
  of.committed = {};
  EXPECT_EQ(read_again(of, {}).offset, 0) << "nothing was ever committed";
  EXPECT_EQ(read_again(of, {}).lost, "");
}

TEST(EpochsIn, AreThoseOfPartitionsAndOfTheirTables) {
  auto first = facts(0, 9);
  first.metadata.epoch = 2;
  first.metadata.tables.push_back({2, 9, {}, 5, {}});
  EXPECT_THAT(epochs_in({first, facts(0, 1)}),
              UnorderedElementsAre(2, 0, 5, 0, 0));
}

} // namespace
} // namespace sluice::cli
