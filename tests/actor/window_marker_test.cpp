#include "actors/window_marker.hpp"

#include <gmock/gmock.h>

#include "tests/support/window_marker_test.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;
using gold::cuts_marked;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WindowMarker : public window_marker_test {};

TEST_F(WindowMarker, AnswersWhenTheLogHasTheMark) {
  const auto marked = mark(0, hours(1, 2));
  EXPECT_EQ(record(0),
            (cuts_marked{
                "here", {}, {{cut(0), hours(1, 2), {{"sales", midnight}}}}}));
  EXPECT_FALSE(*marked);
  log_answers();
  EXPECT_TRUE(*marked);
  EXPECT_EQ(topic_->opened, 1);
}

TEST_F(WindowMarker, WhatComesWhileARecordIsUnderWaySharesTheNext) {
  const auto first = mark(0, hours(0, 1));
  std::vector<std::shared_ptr<bool>> others;
  for (std::int64_t lo = 10; lo <= 500; lo += 10)
    others.push_back(lo == 100 ? note(lo, hours(5, 6)) : mark(lo, hours(1, 2)));
  EXPECT_THAT(topic_->appended, SizeIs(1));
  log_answers();
  EXPECT_TRUE(*first);
  ASSERT_THAT(topic_->appended, SizeIs(2));
  EXPECT_THAT(record(1).marks, SizeIs(49));
  EXPECT_THAT(record(1).notes, SizeIs(1));
  for (const auto& each : others)
    EXPECT_FALSE(*each);
  log_answers();
  for (const auto& each : others)
    EXPECT_TRUE(*each);
  EXPECT_THAT(metrics_.exposition(),
              HasSubstr("sluice_control_log_records_total 2\n"));
  EXPECT_THAT(metrics_.exposition(),
              HasSubstr("sluice_control_log_cuts_total 50\n"));
}

TEST_F(WindowMarker, ANoteLeavesOutWhatItsMarkWillHave) {
  gold::touched_golds known{{"sales",
                             {{midnight, midnight + 2 * hour},
                              {midnight + 5 * hour, midnight + 6 * hour}}}};
  const auto noted = note(0, known, hours(0, 3));
  EXPECT_EQ(record(0), (cuts_marked{"here", {{cut(0), hours(5, 6)}}, {}}));
  log_answers();
  EXPECT_TRUE(*noted);
}

TEST_F(WindowMarker, ANoteOfNothingElseIsAnsweredAtOnce) {
  EXPECT_TRUE(*note(0, hours(0, 1), hours(0, 1)));
  EXPECT_TRUE(*note(0, {}));
  EXPECT_THAT(topic_->appended, IsEmpty());
}

TEST_F(WindowMarker, SilverIsAskedBeforeAnythingIsAppended) {
  const auto noted = note(0, {}, {}, question());
  const auto marked = mark(10, hours(0, 1), question());
  EXPECT_THAT(topic_->appended, IsEmpty());
  EXPECT_THAT(silver_->asked, SizeIs(1)) << "there is one finder";
  silver_answers({midnight + 5 * hour, midnight + 7 * hour});
  EXPECT_EQ(record(0).notes,
            (std::vector<gold::cut_note>{
                {cut(0),
                 {{"sales",
                   {{midnight + 5 * hour, midnight + 6 * hour},
                    {midnight + 7 * hour, midnight + 8 * hour}}}}}}));
  silver_answers({midnight + hour});
  log_answers();
  EXPECT_TRUE(*noted);
  EXPECT_EQ(record(1).marks[0].golds, hours(0, 2));
  log_answers();
  EXPECT_TRUE(*marked);
}

TEST_F(WindowMarker, AnAnswerWithoutTimesNotesNothing) {
  const auto noted = note(0, {}, {}, question());
  silver_answers({});
  EXPECT_TRUE(*noted);
  mark(0, {}, question());
  silver_answers({});
  EXPECT_THAT(record(0).marks[0].golds, IsEmpty());
}

TEST_F(WindowMarker, TimesOutOfTheGoldsBoundsTouchNothing) {
  mark(0, {}, question());
  // The granule that the bound cuts counts.
  silver_answers({0, midnight - 25 * hour, midnight - 24 * hour,
                  midnight + 48 * hour, midnight + 49 * hour});
  EXPECT_EQ(
      record(0).marks[0].golds,
      (gold::touched_golds{{"sales",
                            {{midnight - 24 * hour, midnight - 23 * hour},
                             {midnight + 48 * hour, midnight + 49 * hour}}}}));
}

// -- failures -----------------------------------------------------------------

TEST_F(WindowMarker, AppendsTheSameBytesAgainWhenThatFails) {
  const auto marked = mark(0, hours(0, 1));
  log_answers("timed out");
  const auto later = mark(10, hours(1, 2));
  EXPECT_THAT(topic_->appended, SizeIs(1)) << "not at once";
  EXPECT_THAT(*troubles_, ElementsAre(HasSubstr("timed out")));
  pass(200ms);
  ASSERT_THAT(topic_->appended, SizeIs(2));
  EXPECT_EQ(topic_->appended[0], topic_->appended[1]);
  EXPECT_FALSE(*marked);
  log_answers("timed out");
  pass(200ms);
  EXPECT_THAT(topic_->appended, SizeIs(2)) << "it waits longer each time";
  pass(200ms);
  ASSERT_THAT(topic_->appended, SizeIs(3));
  EXPECT_EQ(topic_->appended[0], topic_->appended[2]);
  log_answers();
  EXPECT_TRUE(*marked);
  EXPECT_FALSE(*later);
  EXPECT_THAT(*troubles_, ElementsAre(HasSubstr("timed out"), ""));
  EXPECT_EQ(record(3).marks[0].cut, cut(10));
}

TEST_F(WindowMarker, AsksAgainWhenClickHouseFails) {
  const auto noted = note(0, {}, {}, question("first"));
  const auto other = note(10, {}, {}, question("second"));
  silver_fails();
  EXPECT_THAT(*troubles_, ElementsAre(HasSubstr("silver cannot be asked")));
  EXPECT_THAT(silver_->asked, SizeIs(1));
  pass(200ms);
  ASSERT_THAT(silver_->asked, SizeIs(2));
  EXPECT_EQ(silver_->asked[1].questions[0].sql, "second")
      << "a question that always fails stops no other";
  silver_answers({});
  EXPECT_TRUE(*other);
  EXPECT_EQ(silver_->asked.at(2).questions[0].sql, "first");
  EXPECT_FALSE(*noted);
  silver_answers({});
  EXPECT_TRUE(*noted);
  EXPECT_THAT(*troubles_, ElementsAre(HasSubstr("silver"), ""));
}

TEST_F(WindowMarker, ARecordUnderWayIsNotSentAgainBecauseAQuestionFails) {
  const auto marked = mark(0, hours(0, 1));
  note(10, {}, {}, question());
  silver_fails();
  pass(1s);
  EXPECT_THAT(topic_->appended, SizeIs(1));
  const auto next = mark(20, hours(1, 2));
  log_answers();
  EXPECT_TRUE(*marked);
  ASSERT_THAT(topic_->appended, SizeIs(2));
  EXPECT_FALSE(*next) << "the log has not answered for it";
  log_answers();
  EXPECT_TRUE(*next);
}

TEST_F(WindowMarker, WaitsForALogThatIsMissing) {
  for (const auto* why : {"missing", "no broker"}) {
    SCOPED_TRACE(why);
    topic_ = std::make_shared<slow_topic>();
    troubles_->clear();
    topic_->closed = why;
    SetUp();
    const auto marked = mark(0, hours(0, 1));
    EXPECT_THAT(*troubles_, ElementsAre(HasSubstr(why)));
    pass(10s);
    EXPECT_GE(topic_->opened, 4);
    EXPECT_LE(topic_->opened, 9);
    EXPECT_FALSE(*marked);
    topic_->closed.clear();
    pass(30s);
    EXPECT_EQ(record(0).marks[0].cut, cut(0));
    log_answers();
    EXPECT_TRUE(*marked);
    EXPECT_THAT(*troubles_, ElementsAre(HasSubstr(why), ""));
    EXPECT_FALSE(ended_->has_value());
  }
}

TEST_F(WindowMarker, EndsWhenAFinderDoes) {
  caf::anon_send_exit(finder_, caf::exit_reason::kill);
  settle();
  EXPECT_TRUE(ended_->has_value());
}

} // namespace
} // namespace sluice::actors
