#include "actors/control_follower.hpp"

#include "tests/support/actor_test.hpp"
#include "tests/support/fake_control_log.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;
using plan::table_verb;

class ControlFollower : public actor_test {
protected:
  void start() {
    auto told = told_;
    const auto supervisor =
        own(system_.spawn([told]() -> supervisor_actor::behavior_type {
          return {[](const partition_assigned&) {},
                  [](const partition_revoked&) {},
                  [](const partition_lost&) {},
                  [](const kafka_trouble&) {},
                  [](const leadership_changed&) {},
                  [told](const controls_followed& m) { told->push_back(m); },
                  [](const restart_due&) {},
                  [](const coordinator_restart_due&) {},
                  [](const drain_expired&) {}};
        }));
    follower_ = own(system_.spawn(
        control_follower, control_follower_parts{[this] { return open(); },
                                                 supervisor, no_reports()}));
    settle();
  }
  tl::expected<std::unique_ptr<kafka::control_log>, std::string> open() {
    if (!unreachable_.empty())
      return tl::make_unexpected(unreachable_);
    if (!topic_)
      return nullptr;
    return std::make_unique<kafka::fake_control_log>(topic_);
  }
  void trim(std::int64_t before) {
    caf::anon_send(follower_, trim_log{before});
    settle();
  }
  std::int64_t log_start() const { return topic_->read(0)->start; }
  void say(const std::string& table, table_verb what) {
    topic_->append(plan::encode({table, what, "box"}));
  }

  std::shared_ptr<kafka::fake_control_topic> topic_ =
      std::make_shared<kafka::fake_control_topic>();
  std::string unreachable_;
  control_follower_actor follower_;
  std::shared_ptr<std::vector<controls_followed>> told_ =
      std::make_shared<std::vector<controls_followed>>();
};

TEST_F(ControlFollower, TellsWhatFollowsFromTheWholeLogAtOnce) {
  say("users", table_verb::pause);
  say("events", table_verb::pause);
  topic_->append("somebody else's");
  topic_->append(R"({"sluice":1,"kind":"table","table":"t","command":"stop"})");
  say("users", table_verb::resume);
  start();
  ASSERT_EQ(told_->size(), 1U);
  EXPECT_EQ(told_->back().paused.size(), 1U);
  EXPECT_EQ(told_->back().paused.at("events"),
            "paused by `sluice table pause` (1970-01-01 00:00:00 UTC, box)");
  EXPECT_EQ(told_->back().resumed, std::vector<std::string>{"users"});
}

TEST_F(ControlFollower, TellsThatNothingIsPausedAndThenEachChange) {
  start();
  ASSERT_EQ(told_->size(), 1U);
  EXPECT_TRUE(told_->back().paused.empty());
  pass(5s);
  EXPECT_EQ(told_->size(), 1U) << "nothing is new";
  say("users", table_verb::pause);
  pass(1s);
  ASSERT_EQ(told_->size(), 2U);
  EXPECT_TRUE(told_->back().paused.contains("users"));
  say("users", table_verb::resume);
  pass(1s);
  ASSERT_EQ(told_->size(), 3U);
  EXPECT_TRUE(told_->back().paused.empty());
  EXPECT_EQ(told_->back().resumed, std::vector<std::string>{"users"});
}

TEST_F(ControlFollower, TellsEachResetWithItsEpoch) {
  topic_->append(plan::encode({"users", table_verb::reset, "box", 4}));
  topic_->append(plan::encode({"users", table_verb::reset, "late", 2}));
  start();
  ASSERT_EQ(told_->size(), 1U);
  using epochs = std::map<std::string, std::uint16_t>;
  EXPECT_EQ(told_->back().resets, (epochs{{"users", 4}}));
  EXPECT_TRUE(told_->back().paused.empty());
  EXPECT_TRUE(told_->back().resumed.empty());
  topic_->append(plan::encode({"events", table_verb::reset, "box", 2}));
  pass(1s);
  ASSERT_EQ(told_->size(), 2U);
  EXPECT_EQ(told_->back().resets, (epochs{{"events", 2}, {"users", 4}}));
}

TEST_F(ControlFollower, TellsNothingBeforeItHasReadTheLog) {
  say("users", table_verb::pause);
  unreachable_ = "broker down";
  start();
  pass(10s);
  EXPECT_TRUE(told_->empty());
  unreachable_.clear();
  topic_->fail("broker down");
  pass(30s);
  EXPECT_TRUE(told_->empty());
  topic_->fail({});
  pass(30s);
  ASSERT_EQ(told_->size(), 1U);
  EXPECT_TRUE(told_->back().paused.contains("users"));
}

TEST_F(ControlFollower, WhatItKnowsHoldsWhileTheLogCannotBeRead) {
  say("users", table_verb::pause);
  start();
  topic_->fail("broker down");
  pass(60s);
  EXPECT_EQ(told_->size(), 1U);
  topic_->fail({});
  say("users", table_verb::resume);
  pass(31s);
  ASSERT_EQ(told_->size(), 2U);
  EXPECT_TRUE(told_->back().paused.empty());
}

TEST_F(ControlFollower, WithoutALogNothingIsPausedUntilThereIsOne) {
  const auto later = std::exchange(topic_, nullptr);
  start();
  ASSERT_EQ(told_->size(), 1U);
  EXPECT_TRUE(told_->back().paused.empty());
  topic_ = later;
  say("users", table_verb::pause);
  pass(301s);
  ASSERT_EQ(told_->size(), 2U);
  EXPECT_TRUE(told_->back().paused.contains("users"));
}

TEST_F(ControlFollower, RestatesBeforeItTrims) {
  say("users", table_verb::pause);
  topic_->append(plan::encode({"orders", table_verb::reset, "box", 4}));
  start();
  trim(2);
  EXPECT_EQ(log_start(), 2);
  ASSERT_EQ(topic_->records().size(), 3U);
  told_->clear();
  start();
  ASSERT_EQ(told_->size(), 1U) << "another node, later";
  EXPECT_TRUE(told_->back().paused.contains("users"));
  EXPECT_EQ(told_->back().resets.at("orders"), 4);
}

TEST_F(ControlFollower, DoesNotTrimWhatItHasNotRead) {
  start();
  say("users", table_verb::pause);
  trim(1);
  EXPECT_EQ(topic_->records().size(), 1U);
  EXPECT_EQ(log_start(), 0);
}

TEST_F(ControlFollower, DoesNotTrimWhatItCouldNotRestate) {
  say("users", table_verb::pause);
  start();
  topic_->fail("not enough replicas");
  trim(1);
  topic_->fail({});
  EXPECT_EQ(log_start(), 0);
  trim(1);
  EXPECT_EQ(log_start(), 1);
}

TEST_F(ControlFollower, ALogThatCannotBeTrimmedIsRestatedAllTheSame) {
  say("users", table_verb::pause);
  topic_->never_trim();
  start();
  trim(1);
  EXPECT_EQ(log_start(), 0);
  EXPECT_EQ(topic_->records().size(), 2U)
      << "an embedded broker drops its oldest records by itself";
}

TEST_F(ControlFollower, ATableThatWasResumedInWhatIsGoneGoesOn) {
  say("users", table_verb::pause);
  start();
  EXPECT_TRUE(told_->back().paused.contains("users"));
  say("users", table_verb::resume);
  plan::table_controls others;
  topic_->append(others.restate(2));
  ASSERT_TRUE(topic_->trim(2));
  pass(1s);
  ASSERT_EQ(told_->size(), 2U);
  EXPECT_TRUE(told_->back().paused.empty());
  EXPECT_EQ(told_->back().resumed, std::vector<std::string>{"users"});
}

} // namespace
} // namespace sluice::actors
