#include "actors/dead_letter_writer.hpp"

#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;

/// A topic that fails as often as it is told to.
class failing_topic : public kafka::record_sink {
public:
  void send(const kafka::owned_record& record,
            std::function<void(std::string)> done) override {
    ++attempts;
    if (failures > 0) {
      --failures;
      return done("broker down");
    }
    kept.push_back(record);
    done({});
  }
  bool flush(std::chrono::milliseconds) override { return true; }
  int failures = 0;
  int attempts = 0;
  std::vector<kafka::owned_record> kept;
};

class DeadLetterWriter : public actor_test {
protected:
  void SetUp() override {
    writer_ = own(system_.spawn(
        dead_letter_writer,
        dead_letter_writer_parts{topic_, "commerce.dlq", no_reports()}));
    settle();
  }

  std::shared_ptr<bool> keep(std::vector<std::string> values) {
    auto letters = std::make_shared<std::vector<kafka::owned_record>>();
    for (auto& value : values) {
      letters->emplace_back();
      letters->back().value = std::move(value);
    }
    auto kept = std::make_shared<bool>(false);
    own(system_.spawn(
        [kept, letters, writer = writer_](caf::event_based_actor* self) {
          self->request(writer, caf::infinite, records_rejected{letters})
              .then([kept](const records_kept&) { *kept = true; });
          return caf::behavior{[](caf::unit_t) {}};
        }));
    settle();
    return kept;
  }

  std::shared_ptr<failing_topic> topic_ = std::make_shared<failing_topic>();
  dead_letter_writer_actor writer_;
};

TEST_F(DeadLetterWriter, AnswersWhenTheTopicHasAllOfThem) {
  EXPECT_TRUE(*keep({"a", "b"}));
  ASSERT_EQ(topic_->kept.size(), 2U);
  EXPECT_EQ(topic_->kept[0].where.topic, "commerce.dlq");
}

TEST_F(DeadLetterWriter, TriesUntilTheTopicTakesThem) {
  topic_->failures = 3;
  const auto kept = keep({"a", "b"});
  EXPECT_FALSE(*kept);
  pass(1s);
  EXPECT_FALSE(*kept);
  pass(2s);
  EXPECT_TRUE(*kept);
  EXPECT_EQ(topic_->kept.size(), 2U) << "what is there is not sent again";
}

TEST_F(DeadLetterWriter, WaitsLongerBetweenAttempts) {
  topic_->failures = 100;
  keep({"a"});
  pass(61s);
  EXPECT_LE(topic_->attempts, 8);
}

} // namespace
} // namespace sluice::actors
