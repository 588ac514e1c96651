// window_marker: what is too large for one record of the control log.
#include <gmock/gmock.h>

#include "tests/support/window_marker_test.hpp"

namespace sluice::actors {
namespace {

using ::testing::SizeIs;

class WindowMarkerRecord : public window_marker_test {};

gold::touched_golds very_many() {
  gold::touched_golds result;
  for (int gold = 0; gold < 9; ++gold)
    for (std::int64_t i = 0; i < 5'000; ++i)
      result["gold of a very long name, number " + std::to_string(gold)]
          .push_back({-2'208'988'800 + i * 20, -2'208'988'795 + i * 20});
  return result;
}

TEST_F(WindowMarkerRecord, AMarkThatIsTooLargeForARecordGoesIntoSeveral) {
  const auto marked = mark(0, very_many());
  gold::touched_golds all;
  std::size_t newest = 0;
  std::size_t records = 0;
  for (; !topic_->unanswered.empty(); ++records) {
    EXPECT_FALSE(*marked) << "after " << records;
    EXPECT_EQ(newest, 0U) << "comes last";
    EXPECT_LT(topic_->appended.at(records).size(), 1'000'000U)
        << "what a producer takes by default";
    for (const auto& part : record(records).marks) {
      EXPECT_EQ(part.cut, cut(0));
      newest += part.newest.size();
      for (const auto& [gold, ranges] : part.golds)
        gold::add(all[gold], ranges);
    }
    log_answers();
  }
  EXPECT_GT(records, 1U);
  EXPECT_EQ(newest, 1U);
  EXPECT_TRUE(*marked);
  EXPECT_EQ(all, very_many());
}

TEST_F(WindowMarkerRecord, ANoteThatIsTooLargeForARecordGoesIntoSeveral) {
  const auto noted = note(0, very_many());
  gold::touched_golds all;
  std::size_t records = 0;
  for (; !topic_->unanswered.empty(); ++records) {
    EXPECT_FALSE(*noted) << "after " << records;
    EXPECT_LT(topic_->appended.at(records).size(), 1'000'000U);
    for (const auto& part : record(records).notes)
      for (const auto& [gold, ranges] : part.golds)
        gold::add(all[gold], ranges);
    log_answers();
  }
  EXPECT_GT(records, 1U);
  EXPECT_TRUE(*noted);
  EXPECT_EQ(all, very_many());
}

TEST_F(WindowMarkerRecord, ManyCutsTogetherStayBelowWhatARecordMayHave) {
  mark(0, hours(0, 1));
  gold::touched_golds golds;
  for (int gold = 0; gold < 40; ++gold)
    golds[std::string(100, 'g') + std::to_string(gold)] = {{0, hour}};
  std::vector<std::shared_ptr<bool>> marked;
  for (std::int64_t lo = 10; lo <= 4'000; lo += 10)
    marked.push_back(mark(lo, golds));
  std::size_t cuts = 0;
  for (std::size_t i = 0; i < topic_->appended.size(); ++i) {
    EXPECT_LT(topic_->appended[i].size(), 1'000'000U);
    cuts += record(i).marks.size();
    log_answers();
  }
  EXPECT_EQ(cuts, 401U);
  EXPECT_LE(topic_->appended.size(), 5U);
  for (const auto& each : marked)
    EXPECT_TRUE(*each);
}

} // namespace
} // namespace sluice::actors
