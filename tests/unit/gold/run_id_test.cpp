// The names of gold runs, of which the greatest is the newest.
#include <gtest/gtest.h>

#include "gold/runner.hpp"

namespace sluice::gold {
namespace {

using namespace std::chrono_literals;

TEST(RunId, SortsByTermAndThenByCount) {
  EXPECT_EQ(make_run_id(123, 45), "t0000000000000123-00000045");
  EXPECT_LT(make_run_id(9, 99'999'999), make_run_id(10, 1));
  EXPECT_LT(make_run_id(10, 9), make_run_id(10, 10));
  EXPECT_LT(make_run_id(0, 1), make_run_id(9'999'999'999, 1));
}

TEST(RunId, OneOfAnEarlierVersionIsOlderThanAnyTerms) {
  EXPECT_LT(make_run_id(instant{4'000'000'000s}), make_run_id(0, 0));
}

TEST(RunId, OneThatNobodyOrderedIsBetweenTwoTerms) {
  const auto newest = make_run_id(7, 3);
  const auto after = make_run_id_after(newest, instant{1'771'632'000s});
  EXPECT_GT(after, newest);
  EXPECT_LT(after, make_run_id(8, 1));
  EXPECT_GT(make_run_id_after(after, instant{1'771'632'001s}), after);
  EXPECT_LT(make_run_id_after(after, instant{1'771'632'001s}),
            make_run_id(8, 1));
}

TEST(RunId, OneThatNobodyOrderedMayBeTheFirst) {
  for (const auto* newest : {"", "20260221T000000123-5f3a9c01"})
    EXPECT_GT(make_run_id_after(newest, instant{1'790'000'000s}), newest);
}

TEST(RunId, TellsItsTerm) {
  EXPECT_EQ(term_of(make_run_id(123, 45)), 123);
  EXPECT_EQ(term_of(make_run_id_after(make_run_id(7, 3), instant{1s})), 7);
  for (const auto* none : {"", "t", "t12", "20260221T000000123-5f3a9c01",
                           "tabcdefghijklmnop-1", "x0000000000000123-00000045"})
    EXPECT_EQ(term_of(none), -1) << none;
}

} // namespace
} // namespace sluice::gold
