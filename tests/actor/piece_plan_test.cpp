#include "actors/piece_plan.hpp"

#include <gtest/gtest.h>

namespace sluice::actors {
namespace {

using offsets = std::vector<std::int64_t>;

TEST(PiecePlan, AWholeBlockIsOnePiece) {
  piece_plan plan{{10, 20}, {10, 12, 19}, {}};
  EXPECT_EQ(plan.next(), (kafka::cut{10, 20}));
  EXPECT_EQ(plan.rows({10, 20}), 3U);
  EXPECT_TRUE(plan.ends().empty());
  plan.finish({10, 20});
  EXPECT_EQ(plan.next(), std::nullopt);
}

TEST(PiecePlan, IsHalvedByItsRows) {
  piece_plan plan{{10, 20}, {10, 17, 18, 19}, {}};
  plan.halve({10, 20});
  EXPECT_EQ(plan.ends(), offsets{18});
  EXPECT_EQ(plan.rows({10, 18}), 2U);
  plan.halve({10, 18});
  EXPECT_EQ(plan.ends(), (offsets{17, 18}));
  EXPECT_EQ(plan.first_row({17, 18}), 17);
}

TEST(PiecePlan, OneRowIsNotHalved) {
  piece_plan plan{{10, 20}, {15}, {}};
  plan.halve({10, 20});
  EXPECT_TRUE(plan.ends().empty());
}

TEST(PiecePlan, FinishedNeighboursJoinSoThatFewEndsAreLeft) {
  piece_plan plan{{0, 8}, {0, 1, 2, 3, 4, 5, 6, 7}, {}};
  plan.halve({0, 8});
  plan.halve({0, 4});
  plan.finish({0, 2});
  plan.finish({2, 4});
  EXPECT_EQ(plan.ends(), offsets{4});
  EXPECT_EQ(plan.next(), (kafka::cut{4, 8}));
}

TEST(PiecePlan, FindingEveryGuiltyRowNeverNeedsManyEnds) {
  offsets rows;
  for (std::int64_t i = 0; i < 4096; ++i)
    rows.push_back(i);
  piece_plan plan{{0, 4096}, rows, {}};
  std::size_t most = 0;
  while (const auto piece = plan.next()) {
    if (plan.rows(*piece) == 1)
      plan.finish(*piece); // every row is guilty
    else
      plan.halve(*piece);
    most = std::max(most, plan.ends().size());
  }
  EXPECT_LE(most, 14U);
}

TEST(PiecePlan, TakesUpTheEndsOfAFormerLife) {
  const offsets ends{12, 15};
  piece_plan plan{{10, 20}, {10, 11, 16}, ends};
  EXPECT_EQ(plan.next(), (kafka::cut{10, 12}));
  plan.finish({10, 12});
  EXPECT_EQ(plan.next(), (kafka::cut{15, 20})) << "there is nothing between";
}

} // namespace
} // namespace sluice::actors
