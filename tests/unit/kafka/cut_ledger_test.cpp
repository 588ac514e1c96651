#include "kafka/cut_ledger.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

cut_ledger fresh(std::int64_t start = 100, std::size_t tables = 1) {
  return {start, {}, tables};
}

TEST(CutLedger, NothingIsInsertedBeforeItsEndIsRecorded) {
  auto ledger = fresh();
  ledger.add(10, 1000);
  EXPECT_EQ(ledger.close(110), (cut{100, 110}));
  EXPECT_TRUE(ledger.take_recorded().empty());
  const auto intent = ledger.next_commit();
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->offset, 100);
  EXPECT_EQ(intent->metadata, "sluice/1 e=0 c=10");
  EXPECT_TRUE(ledger.take_recorded().empty());
  ledger.commit_recorded();
  EXPECT_EQ(ledger.take_recorded(), (std::vector<cut>{{100, 110}}));
  EXPECT_TRUE(ledger.take_recorded().empty()) << "each cut comes out once";
}

TEST(CutLedger, AnIntentWhoseCommitFailedIsNotRecorded) {
  auto ledger = fresh();
  ledger.close(110);
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_failed();
  EXPECT_TRUE(ledger.take_recorded().empty());
  EXPECT_TRUE(ledger.next_commit()) << "it is offered again";
}

TEST(CutLedger, OneCommitIsInFlightAtATime) {
  auto ledger = fresh();
  ledger.close(110);
  ASSERT_TRUE(ledger.next_commit());
  ledger.close(120);
  EXPECT_FALSE(ledger.next_commit());
  ledger.commit_recorded();
  const auto second = ledger.next_commit();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->metadata, "sluice/1 e=0 c=10,10");
}

TEST(CutLedger, OneCommitMovesPastACutAndCarriesTheNextIntent) {
  auto ledger = fresh();
  ledger.close(110);
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_recorded();
  ledger.close(125);
  EXPECT_TRUE(ledger.acknowledge(100));
  const auto request = ledger.next_commit();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->offset, 110);
  EXPECT_EQ(request->metadata, "sluice/1 e=0 c=15");
}

TEST(CutLedger, ACutIsFinishedOnlyWhenEveryTableHasAcknowledgedIt) {
  auto ledger = fresh(0, 2);
  ledger.close(5);
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_recorded();
  EXPECT_TRUE(ledger.acknowledge(0));
  EXPECT_EQ(ledger.frontier(), 0);
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(0));
  EXPECT_EQ(ledger.frontier(), 5);
  EXPECT_FALSE(ledger.acknowledge(0)) << "a late acknowledgement is refused";
}

TEST(CutLedger, TheOffsetNeverPassesACutThatIsNotFinished) {
  auto ledger = fresh(0);
  ledger.close(5);
  ledger.close(9);
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_recorded();
  EXPECT_TRUE(ledger.acknowledge(5));
  EXPECT_EQ(ledger.frontier(), 0);
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(0));
  const auto request = ledger.next_commit();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->offset, 9);
}

TEST(CutLedger, ANewOwnerCutsAtTheRecordedEndsWithoutRecordingThemAgain) {
  cut_ledger ledger{100, {3, {110, 130}}, 1};
  EXPECT_EQ(ledger.intended_end(), 110);
  ledger.close(110);
  EXPECT_EQ(ledger.intended_end(), 130);
  EXPECT_EQ(ledger.take_recorded(), (std::vector<cut>{{100, 110}}));
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(100));
  const auto request = ledger.next_commit();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->metadata, "sluice/1 e=3 c=20")
      << "an intent that is not cut again yet stays recorded";
  ledger.close(130);
  EXPECT_EQ(ledger.intended_end(), std::nullopt);
}

TEST(CutLedger, BytesAreInFlightUntilTheirCutIsFinished) {
  auto ledger = fresh(0);
  ledger.add(1, 70);
  ledger.close(1);
  ledger.add(1, 30);
  EXPECT_EQ(ledger.bytes_in_flight(), 100U);
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_recorded();
  ledger.acknowledge(0);
  EXPECT_EQ(ledger.bytes_in_flight(), 30U);
}

TEST(CutLedger, IsSettledWhenKafkaHasEverything) {
  auto ledger = fresh(0);
  EXPECT_TRUE(ledger.settled());
  ledger.close(1);
  EXPECT_FALSE(ledger.settled());
  ASSERT_TRUE(ledger.next_commit());
  ledger.commit_recorded();
  ledger.acknowledge(0);
  EXPECT_FALSE(ledger.settled());
  ASSERT_TRUE(ledger.next_commit());
  EXPECT_FALSE(ledger.settled());
  ledger.commit_recorded();
  EXPECT_TRUE(ledger.settled());
}

// A partition whose owner dies at random moments, with what Kafka and silver
// would then hold: every offset is written by exactly one cut identity.
TEST(CutLedger, AfterAnyCrashesEveryOffsetBelongsToOneWrittenCut) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    const auto chance = [&](unsigned percent) {
      return random() % 100 < percent;
    };
    commit_request stored{0, ""};
    std::set<std::pair<std::int64_t, std::int64_t>> written; // silver, by token
    constexpr std::int64_t log_end = 200;
    while (stored.offset < log_end) {
      const auto metadata =
          decode_position_metadata(stored.metadata, stored.offset);
      ASSERT_TRUE(metadata);
      cut_ledger ledger{stored.offset, *metadata, 1};
      std::vector<cut> inserting;
      while (!chance(3) && stored.offset < log_end) {
        if (ledger.open_lo() < log_end && ledger.unfinished() < 3)
          ledger.close(ledger.intended_end().value_or(std::min<std::int64_t>(
              log_end,
              ledger.open_lo() + 1 + static_cast<std::int64_t>(random() % 9))));
        if (const auto request = ledger.next_commit()) {
          if (chance(20)) {
            if (chance(50))
              stored = *request; // recorded, but the reply was lost
            ledger.commit_failed();
          } else {
            stored = *request;
            ledger.commit_recorded();
          }
        }
        for (const auto& each : ledger.take_recorded())
          inserting.push_back(each);
        while (!inserting.empty() && chance(60)) {
          const auto index = random() % inserting.size();
          const auto done = inserting[index];
          written.emplace(done.lo, done.hi);
          inserting.erase(inserting.begin()
                          + static_cast<std::ptrdiff_t>(index));
          if (chance(85)) // otherwise: written, but the process dies first
            ledger.acknowledge(done.lo);
          else
            inserting.push_back(done);
        }
      }
    }
    std::int64_t expected = 0;
    for (const auto& [lo, hi] : written) {
      ASSERT_EQ(lo, expected) << "seed " << seed;
      expected = hi;
    }
    EXPECT_EQ(expected, log_end) << "seed " << seed;
  }
}

} // namespace
} // namespace sluice::kafka
