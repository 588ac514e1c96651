#include "simulation/control_topic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ControlTopic : public ::testing::Test {
protected:
  ~ControlTopic() override { on_.time.end(); }

  void append(const std::string& bytes) {
    topic_.append(node_, bytes, [this](const std::string& error) {
      answers_.push_back(error);
    });
  }
  void pass(instant duration) {
    on_.time.run_until(on_.time.now() + duration, [] { return false; });
  }
  std::vector<std::string> log() const {
    std::vector<std::string> result;
    for (const auto& each : topic_.records())
      result.push_back(each.bytes);
    return result;
  }

  stage on_{1, nullptr};
  process node_{1};
  control_topic topic_{on_};
  std::vector<std::string> answers_;
};

TEST_F(ControlTopic, HasWhatIsAppendedOnceAndInOrder) {
  for (const auto* each : {"a", "b", "c", "d"})
    append(each);
  pass(1s);
  EXPECT_THAT(log(), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(answers_, ElementsAre("", "", "", ""));
}

TEST_F(ControlTopic, LosesARecordAndSaysSo) {
  on_.faults.append_lost = 1;
  append("a");
  pass(30s);
  EXPECT_THAT(log(), ElementsAre());
  EXPECT_THAT(answers_, ElementsAre(HasSubstr("timed out")));
}

TEST_F(ControlTopic, MayHaveARecordWhoseAnswerIsLost) {
  on_.faults.append_reply_lost = 1;
  append("a");
  pass(30s);
  EXPECT_THAT(log(), ElementsAre("a"));
  EXPECT_THAT(answers_, ElementsAre(HasSubstr("timed out")));
}

TEST_F(ControlTopic, MayGetARecordThatWasGivenUp) {
  on_.faults.append_late = 1;
  append("a");
  pass(4900ms);
  EXPECT_THAT(log(), ElementsAre());
  pass(20s);
  EXPECT_THAT(log(), ElementsAre("a"));
  EXPECT_THAT(answers_, ElementsAre(HasSubstr("timed out")));
}

TEST_F(ControlTopic, MayGetARecordTwice) {
  on_.faults.append_doubled = 1;
  append("a");
  pass(30s);
  EXPECT_THAT(log(), ElementsAre("a", "a"));
  EXPECT_THAT(answers_, ElementsAre(""));
}

TEST_F(ControlTopic, AnswersANodeThatStoodStillWhenItGoesOn) {
  node_.pause();
  append("a");
  pass(10s);
  EXPECT_THAT(log(), ElementsAre("a"));
  EXPECT_TRUE(answers_.empty());
  node_.resume();
  EXPECT_THAT(answers_, ElementsAre(""));
}

TEST_F(ControlTopic, LetsAReaderWaitForARecord) {
  std::vector<kafka::control_batch> read;
  const auto note = [&](const auto& batch) { read.push_back(batch.value()); };
  topic_.read(0, note);
  pass(1s);
  EXPECT_TRUE(read.empty());
  append("a");
  pass(1s);
  ASSERT_EQ(read.size(), 1);
  EXPECT_EQ(read[0].records.size(), 1);
  EXPECT_EQ(read[0].next, 1);
  EXPECT_TRUE(read[0].at_end());
  topic_.read(1, note);
  pass(6s);
  ASSERT_EQ(read.size(), 2);
  EXPECT_TRUE(read[1].records.empty());
  EXPECT_EQ(read[1].next, 1);
}

class Trimming : public ControlTopic {
protected:
  void SetUp() override {
    for (const auto* table : {"users", "orders", "events"})
      topic_.append({table, plan::table_verb::pause, "me", 0});
  }
};

TEST_F(Trimming, GivesEveryNodeEveryRecordBefore) {
  const auto all = topic_.open(node_)->read(0, 0ms);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->records.size(), 3U);
  EXPECT_EQ(all->start, 0);
  EXPECT_TRUE(all->at_end());
  const auto rest = topic_.open(node_)->read(2, 0ms);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->records.size(), 1U);
  EXPECT_EQ(rest->records[0].offset, 2);
}

TEST_F(Trimming, TakesTheBeginningFromAllWhenOneTrimsIt) {
  const auto one = topic_.open(node_);
  const auto two = topic_.open(node_);
  EXPECT_EQ(one->trim(2), kafka::trim_outcome::trimmed);
  EXPECT_EQ(one->trim(1), kafka::trim_outcome::trimmed) << "long gone";
  EXPECT_FALSE(one->trim(4)) << "beyond the end";
  const auto left = two->read(0, 0ms);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->start, 2);
  EXPECT_EQ(left->end, 3);
  ASSERT_EQ(left->records.size(), 1U);
  EXPECT_EQ(left->records[0].offset, 2);
}

} // namespace
} // namespace sluice::simulation
