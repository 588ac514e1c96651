#include "chaos/schedule.hpp"

#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace sluice::chaos {
namespace {

using namespace std::chrono_literals;

auto essence(const round_plan& round) {
  return std::make_tuple(round.what, round.victim, round.away, round.after,
                         round.fault_percent, round.poison);
}

TEST(Schedule, IsTheSameForTheSameSeed) {
  schedule one{4, true};
  schedule same{4, true};
  schedule other{5, true};
  auto differs = false;
  for (auto i = 0; i < 100; ++i) {
    const auto round = essence(one.next());
    EXPECT_EQ(round, essence(same.next()));
    differs = differs || round != essence(other.next());
  }
  EXPECT_TRUE(differs);
}

TEST(Schedule, HasEveryKindOfDisasterInThirteenRounds) {
  schedule rounds{9, true};
  for (auto stack = 0; stack < 5; ++stack) {
    std::set<disaster> seen;
    for (auto i = 0; i < 13; ++i)
      seen.insert(rounds.next().what);
    EXPECT_EQ(seen.size(), disaster_kinds);
  }
}

TEST(Schedule, RestartsNoBrokerThatIsNotItsOwn) {
  schedule rounds{9, false};
  for (auto i = 0; i < 100; ++i)
    EXPECT_NE(rounds.next().what, disaster::restart_broker);
}

TEST(Schedule, KeepsRoundsShort) {
  schedule rounds{2, true};
  auto poison = 0;
  for (auto i = 0; i < 300; ++i) {
    const auto round = rounds.next();
    EXPECT_GT(round.away, 0ms);
    EXPECT_LE(round.away + round.after, 7s);
    EXPECT_GE(round.fault_percent, 0);
    EXPECT_LE(round.fault_percent, 50);
    poison += round.poison;
  }
  EXPECT_GT(poison, 50);
  EXPECT_LT(poison, 900);
}

} // namespace
} // namespace sluice::chaos
