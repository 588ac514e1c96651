#include "kafka/cut_ledger.hpp"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

ledger_table table(std::uint32_t name, std::int64_t frontier,
                   bool attached = true) {
  ledger_table result;
  result.at.table = name;
  result.at.frontier = frontier;
  result.attached = attached;
  return result;
}

/// A partition of which Kafka knows the position already.
cut_ledger fresh(std::int64_t start = 100, std::uint32_t tables = 1) {
  position_metadata committed;
  std::vector<ledger_table> parts;
  for (std::uint32_t i = 0; i < tables; ++i) {
    parts.push_back(table(i, start));
    committed.tables.push_back(parts.back().at);
  }
  return {start, committed, parts};
}

std::vector<cut> ranges(const std::vector<recorded_cut>& of) {
  std::vector<cut> result;
  for (const auto& each : of)
    result.push_back(each.range);
  return result;
}

/// Sends the commit that is due and has it answered.
commit_request commit(cut_ledger& ledger) {
  const auto request = ledger.next_commit();
  EXPECT_TRUE(request);
  ledger.commit_recorded();
  return request.value_or(commit_request{});
}

TEST(CutLedger, NothingIsInsertedBeforeItsEndIsRecorded) {
  auto ledger = fresh();
  EXPECT_EQ(ledger.close(110), (cut{100, 110}));
  EXPECT_TRUE(ledger.take_recorded().empty());
  const auto intent = ledger.next_commit();
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->offset, 100);
  EXPECT_EQ(intent->metadata, "sluice/2 e=0 c=0+10 t=0");
  EXPECT_TRUE(ledger.take_recorded().empty());
  ledger.commit_recorded();
  EXPECT_EQ(ledger.take_recorded(),
            (std::vector<recorded_cut>{{{100, 110}, false}}));
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
  EXPECT_EQ(ranges(ledger.take_recorded()), (std::vector<cut>{{100, 110}}))
      << "the second was closed after the commit was sent";
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+10,0+10 t=0");
}

TEST(CutLedger, OneCommitMovesPastACutAndCarriesTheNextIntent) {
  auto ledger = fresh();
  ledger.close(110);
  commit(ledger);
  ledger.close(125);
  EXPECT_TRUE(ledger.acknowledge(0, 100));
  const auto request = commit(ledger);
  EXPECT_EQ(request.offset, 110);
  EXPECT_EQ(request.metadata, "sluice/2 e=0 c=0+15 t=0");
}

TEST(CutLedger, ACutIsFinishedOnlyWhenEveryTableHasAcknowledgedIt) {
  auto ledger = fresh(0, 2);
  ledger.close(5);
  commit(ledger);
  EXPECT_TRUE(ledger.acknowledge(0, 0));
  EXPECT_FALSE(ledger.acknowledge(0, 0)) << "the same table once more";
  EXPECT_EQ(ledger.frontier(), 0);
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(1, 0));
  EXPECT_EQ(ledger.frontier(), 5);
}

TEST(CutLedger, TheOffsetNeverPassesACutThatIsNotFinished) {
  auto ledger = fresh(0);
  ledger.close(5);
  ledger.close(9);
  commit(ledger);
  EXPECT_TRUE(ledger.acknowledge(0, 5));
  EXPECT_EQ(ledger.frontier(), 0);
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(0, 0));
  EXPECT_EQ(commit(ledger).offset, 9);
}

TEST(CutLedger, AFinishedCutBehindAnUnfinishedOneStaysIntended) {
  auto ledger = fresh(0);
  ledger.close(5);
  ledger.close(9);
  commit(ledger);
  EXPECT_TRUE(ledger.acknowledge(0, 5));
  ledger.close(12);
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+5,0+4,0+3 t=0");
}

TEST(CutLedger, ANewOwnerCutsAtTheRecordedEndsWithoutRecordingThemAgain) {
  position_metadata committed;
  committed.epoch = 3;
  committed.intents = {{100, 110}, {110, 130}};
  committed.tables = {{0, 100, {}, 3, {}}};
  auto only = table(0, 100);
  only.at.epoch = 3;
  cut_ledger ledger{100, committed, {only}};
  EXPECT_EQ(ledger.intended_end(), 110);
  ledger.close(110);
  EXPECT_EQ(ledger.intended_end(), 130);
  EXPECT_EQ(ledger.take_recorded(),
            (std::vector<recorded_cut>{{{100, 110}, true}}));
  EXPECT_FALSE(ledger.next_commit());
  EXPECT_TRUE(ledger.acknowledge(0, 100));
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=3 c=0+20 t=0")
      << "an intent that is not cut again yet stays recorded";
  ledger.close(130);
  EXPECT_EQ(ledger.intended_end(), std::nullopt);
}

TEST(CutLedger, ARecordedCutWaitsForTheOneBeforeIt) {
  position_metadata committed;
  committed.intents = {{20, 30}};
  const std::vector<ledger_table> tables = {table(0, 20), table(1, 10)};
  committed.tables = {tables[0].at, tables[1].at};
  cut_ledger ledger{10, committed, tables};
  ledger.close(20);
  ledger.close(30);
  EXPECT_TRUE(ledger.take_recorded().empty());
  commit(ledger);
  EXPECT_EQ(ledger.take_recorded(),
            (std::vector<recorded_cut>{{{10, 20}, false}, {{20, 30}, true}}));
}

TEST(CutLedger, ACutIsFinishedWhenItsTablesAreDone) {
  auto ledger = fresh(0);
  EXPECT_FALSE(ledger.is_finished(0)) << "open";
  ledger.add(1, {});
  ledger.close(1);
  ledger.add(1, {});
  commit(ledger);
  EXPECT_FALSE(ledger.is_finished(0)) << "not acknowledged";
  ledger.acknowledge(0, 0);
  EXPECT_TRUE(ledger.is_finished(0));
  EXPECT_FALSE(ledger.is_finished(1));
  commit(ledger);
  EXPECT_TRUE(ledger.is_finished(0)) << "and gone";
}

TEST(CutLedger, IsSettledWhenKafkaHasEverything) {
  auto ledger = fresh(0);
  EXPECT_TRUE(ledger.settled());
  ledger.close(1);
  EXPECT_FALSE(ledger.settled());
  commit(ledger);
  ledger.acknowledge(0, 0);
  EXPECT_FALSE(ledger.settled());
  ASSERT_TRUE(ledger.next_commit());
  EXPECT_FALSE(ledger.settled());
  ledger.commit_recorded();
  EXPECT_TRUE(ledger.settled());
}

TEST(CutLedger, ATableThatIsDetachedHoldsTheOffsetAndNothingElse) {
  auto ledger = fresh(0, 2);
  ledger.close(5);
  commit(ledger);
  ASSERT_EQ(ledger.take_recorded().size(), 1U);
  EXPECT_TRUE(ledger.acknowledge(0, 0));
  ledger.detach(1);
  ledger.close(8);
  commit(ledger);
  EXPECT_TRUE(ledger.acknowledge(0, 5));
  const auto request = commit(ledger);
  EXPECT_EQ(request.offset, 0);
  EXPECT_EQ(request.metadata, "sluice/2 e=0 c=0+5 t=0@8,1~5")
      << "the cut that it was sent stays intended, later ones do not";
  EXPECT_EQ(ledger.unfinished(), 0U);
  EXPECT_TRUE(ledger.settled());
}

TEST(CutLedger, ATableThatCatchesUpGetsOnlyWhatItLacks) {
  const auto committed =
      decode_position_metadata("sluice/2 e=0 c=0+5,3+4 t=0@8,1~5", 0);
  ASSERT_TRUE(committed);
  cut_ledger ledger{
      0,
      *committed,
      {{committed->tables[0], true}, {committed->tables[1], true}}};
  EXPECT_EQ(ledger.open_lo(), 0);
  EXPECT_FALSE(ledger.takes_part(0));
  EXPECT_TRUE(ledger.takes_part(1));
  EXPECT_EQ(ledger.intended_end(), 5);
  ledger.close(5);
  EXPECT_EQ(ledger.intended_end(), std::nullopt);
  EXPECT_EQ(ledger.limit(), 8) << "there the other table is";
  ledger.close(8);
  EXPECT_TRUE(ledger.takes_part(0));
  EXPECT_EQ(ledger.intended_end(), 12);
}

TEST(CutLedger, ATableThatIsDetachedFromTheStartIsNotWaitedFor) {
  const auto committed =
      decode_position_metadata("sluice/2 e=0 c=0+5 t=0@8,1", 0);
  ASSERT_TRUE(committed);
  cut_ledger ledger{
      0,
      *committed,
      {{committed->tables[0], true}, {committed->tables[1], false}}};
  EXPECT_EQ(ledger.open_lo(), 8);
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+5 t=0@8,1~5");
  ledger.close(20);
  commit(ledger);
  EXPECT_TRUE(ledger.acknowledge(0, 8));
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+5 t=0@20,1~5");
}

TEST(CutLedger, ADivisionComesOutWhenItIsRecorded) {
  auto ledger = fresh(0, 2);
  ledger.close(8);
  commit(ledger);
  ASSERT_EQ(ledger.take_recorded().size(), 1U);
  EXPECT_TRUE(ledger.split(1, 0, {4}));
  EXPECT_TRUE(ledger.take_splits().empty());
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+8 t=0,1/4");
  ASSERT_EQ(ledger.take_splits().size(), 1U);
  EXPECT_TRUE(ledger.split(1, 0, {2, 6}));
  commit(ledger);
  EXPECT_EQ(ledger.splits(1, {0, 8}), (std::vector<std::int64_t>{2, 6}));
  EXPECT_TRUE(ledger.splits(0, {0, 8}).empty());
  EXPECT_TRUE(ledger.acknowledge(0, 0));
  EXPECT_TRUE(ledger.acknowledge(1, 0));
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 t=0,1");
  EXPECT_FALSE(ledger.split(1, 0, {3})) << "the cut is gone";
}

TEST(CutLedger, MetadataNeverOutgrowsWhatBrokersTake) {
  auto ledger = fresh(0, 3);
  auto cuts = 0;
  for (; ledger.has_room(); ++cuts)
    ledger.close(ledger.open_lo() + 1'000'000'000'000);
  EXPECT_GT(cuts, 100);
  EXPECT_LE(commit(ledger).metadata.size(), position_metadata_bytes_max);
  ASSERT_FALSE(ledger.take_recorded().empty());
  EXPECT_FALSE(ledger.split(0, 0, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_TRUE(ledger.splits(0, {0, 100}).empty());
}

TEST(CutLedger, ANewTableIsRecordedBeforeAnythingIsRead) {
  const auto committed = decode_position_metadata("sluice/2 e=0 t=0", 50);
  ASSERT_TRUE(committed);
  cut_ledger ledger{50, *committed, {table(0, 50), table(7, 90)}};
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 t=0,7@40");
}

TEST(CutLedger, TheFingerprintIsThatOfTheLastRecordBelowTheOffset) {
  auto ledger = fresh(0);
  ledger.add(2, {3, 77, 0xab});
  ledger.close(5);
  ledger.add(2, {8, 78, 0xcd});
  ledger.close(9);
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 c=0+5,0+4 t=0");
  ledger.acknowledge(0, 0);
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 f=2:77:ab c=0+4 t=0");
  ledger.acknowledge(0, 5);
  EXPECT_EQ(commit(ledger).metadata, "sluice/2 e=0 f=1:78:cd t=0");
}

} // namespace
} // namespace sluice::kafka
