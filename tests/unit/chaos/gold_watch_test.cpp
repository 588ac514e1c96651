#include "chaos/gold_watch.hpp"

#include <gmock/gmock.h>

#include "gold/control_records.hpp"
#include "tests/support/fake_control_log.hpp"

namespace sluice::chaos {
namespace {

using testing::HasSubstr;

constexpr std::int64_t day = 86'400;
constexpr std::int64_t some_day = 20'000 * day;

topology::gold days() {
  topology::gold result;
  result.name = "days";
  result.window.unit = topology::window_unit::day;
  return result;
}

class GoldWatch : public testing::Test {
protected:
  GoldWatch()
      : watch_{{"days"},
               gold::dirty_windows::make({days()}).value(),
               std::make_unique<kafka::fake_control_log>(topic_)} {}

  void append(const gold::control_message& message) {
    topic_->append(gold::encode(message));
  }
  void touch(std::int64_t when) {
    gold::touched_golds golds;
    gold::add(golds["days"], {when, when + 1});
    append(gold::cuts_marked{
        "node", {}, {{{"t", "topic", 0, 0, 0, 1}, golds, {}}}});
  }
  void finish(std::int64_t term, std::int64_t covers) {
    const std::chrono::sys_seconds start{std::chrono::seconds{some_day}};
    append(gold::run_finished{"days",
                              {start, start + std::chrono::seconds{day}},
                              "run",
                              term,
                              covers});
  }

  std::shared_ptr<kafka::fake_control_topic> topic_ =
      std::make_shared<kafka::fake_control_topic>();
  gold_watch watch_;
};

TEST_F(GoldWatch, SeesWhatIsToBeRunAndWhatWasRun) {
  append(gold::term_begun{"node", "nonce"});
  touch(some_day);
  touch(some_day + day);
  ASSERT_TRUE(watch_.read_on());
  EXPECT_EQ(watch_.dirty(), 2U);
  finish(0, 3);
  ASSERT_TRUE(watch_.read_on());
  EXPECT_EQ(watch_.dirty(), 1U);
}

TEST_F(GoldWatch, TakesARunThatReadLessForNone) {
  append(gold::term_begun{"node", "nonce"});
  touch(some_day);
  finish(0, 1);
  ASSERT_TRUE(watch_.read_on());
  EXPECT_EQ(watch_.dirty(), 1U);
}

TEST_F(GoldWatch, PassesOverTheRunOfAFormerLeader) {
  append(gold::term_begun{"node", "nonce"});
  touch(some_day);
  append(gold::term_begun{"other", "other"});
  finish(0, 3);
  ASSERT_TRUE(watch_.read_on());
  EXPECT_EQ(watch_.dirty(), 1U);
}

TEST_F(GoldWatch, PassesOverWhatIsSomebodyElses) {
  topic_->append("no record of ours");
  touch(some_day);
  ASSERT_TRUE(watch_.read_on());
  EXPECT_EQ(watch_.dirty(), 1U);
}

TEST_F(GoldWatch, SaysThatTheBrokerDoesNotAnswer) {
  topic_->fail("away");
  const auto read = watch_.read_on();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), "away");
  topic_->fail("");
  EXPECT_TRUE(watch_.read_on());
}

TEST_F(GoldWatch, SaysThatRecordsWereGoneBeforeTheyWereRead) {
  touch(some_day);
  touch(some_day);
  ASSERT_TRUE(topic_->trim(1));
  const auto read = watch_.read_on();
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr("were gone"));
}

} // namespace
} // namespace sluice::chaos
