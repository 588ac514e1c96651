#include "kafka/leader_election.hpp"

#include <gmock/gmock.h>

#include "kafka/embedded_broker.hpp"
#include "tests/unit/kafka/mock_cluster.hpp"
#include "tests/unit/kafka/temporary_directory.hpp"

namespace sluice::kafka {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

/// Of the Kafka protocol.
constexpr std::int16_t join_group_request = 11;
constexpr auto topic = "shop.control";

/// What one candidate was told; outlives it.
class candidate {
public:
  candidate() = default;
  explicit candidate(const std::string& brokers) { stand(brokers); }

  void stand(const std::string& brokers) {
    election_options options;
    options.at.brokers = brokers;
    options.group = coordinator_group("shop");
    options.topic = topic;
    // The mock cluster lets each rebalance take about as long.
    options.session_timeout = 3s;
    options.heartbeat = 500ms;
    stand(options);
  }
  void stand(const election_options& options) {
    election_ = join_election(
                    options,
                    [this](bool leads) {
                      const std::lock_guard lock{mutex_};
                      changes_.push_back(leads);
                    },
                    [this](std::string reason) {
                      const std::lock_guard lock{mutex_};
                      troubles_.push_back(std::move(reason));
                    })
                    .value();
  }
  /// How long it took.
  std::chrono::milliseconds withdraw() {
    const auto begin = std::chrono::steady_clock::now();
    election_.reset();
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
  }
  [[nodiscard]] bool leads() const {
    const std::lock_guard lock{mutex_};
    return !changes_.empty() && changes_.back();
  }
  [[nodiscard]] std::vector<bool> changes() const {
    const std::lock_guard lock{mutex_};
    return changes_;
  }
  [[nodiscard]] std::vector<std::string> troubles() const {
    const std::lock_guard lock{mutex_};
    return troubles_;
  }
  [[nodiscard]] std::string trouble() const {
    const std::lock_guard lock{mutex_};
    return troubles_.empty() ? std::string{} : troubles_.back();
  }

private:
  mutable std::mutex mutex_;
  std::vector<bool> changes_;
  std::vector<std::string> troubles_;
  std::unique_ptr<leader_election> election_;
};

class an_election : public ::testing::Test {
protected:
  void SetUp() override { cluster_.create(topic, 1); }
  mock_cluster cluster_;
};

TEST_F(an_election, is_won_by_a_node_that_is_alone) {
  candidate one{cluster_.brokers()};
  ASSERT_TRUE(eventually([&] { return one.leads(); }));
  EXPECT_LT(one.withdraw(), 5s);
  EXPECT_THAT(one.changes(), ElementsAre(true, false));
  EXPECT_THAT(one.troubles(), IsEmpty());
}

TEST_F(an_election, has_one_winner_and_its_successor_when_it_goes) {
  candidate one{cluster_.brokers()};
  ASSERT_TRUE(eventually([&] { return one.leads(); }));
  candidate two{cluster_.brokers()};
  // Time for several rebalances.
  EXPECT_FALSE(eventually([&] { return two.leads(); }, 5s));
  EXPECT_THAT(one.changes(), ElementsAre(true))
      << "who comes later takes nothing away";
  EXPECT_LT(one.withdraw(), 5s);
  EXPECT_FALSE(one.leads());
  // The mock cluster waits for a whole session after any leave.
  EXPECT_TRUE(eventually([&] { return two.leads(); }, 15s));
  EXPECT_THAT(one.changes(), ElementsAre(true, false))
      << "nothing is told after the end";
}

TEST_F(an_election, of_many_at_once_has_one_winner) {
  std::vector<std::unique_ptr<candidate>> all;
  for (auto i = 0; i < 4; ++i)
    all.push_back(std::make_unique<candidate>(cluster_.brokers()));
  const auto leaders = [&] {
    return std::ranges::count_if(all, [](auto& each) { return each->leads(); });
  };
  ASSERT_TRUE(eventually([&] { return leaders() == 1; }));
  EXPECT_FALSE(eventually([&] { return leaders() != 1; }, 5s));
}

TEST_F(an_election, gives_the_lead_up_when_the_group_cannot_be_reached) {
  candidate one{cluster_.brokers()};
  ASSERT_TRUE(eventually([&] { return one.leads(); }));
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  EXPECT_TRUE(eventually([&] { return !one.leads(); }, 15s))
      << "another one leads when the session is over";
  EXPECT_THAT(one.trouble(), HasSubstr("unreachable"));
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  EXPECT_TRUE(eventually([&] { return one.leads(); }, 60s));
  EXPECT_TRUE(eventually([&] { return one.trouble().empty(); }, 15s));
}

TEST_F(an_election, ends_soon_when_no_broker_answers) {
  candidate one{cluster_.brokers()};
  ASSERT_TRUE(eventually([&] { return one.leads(); }));
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  EXPECT_LT(one.withdraw(), 5s);
  EXPECT_THAT(one.changes(), ElementsAre(true, false));
  candidate two{"127.0.0.1:1"};
  EXPECT_TRUE(eventually([&] { return !two.trouble().empty(); }));
  EXPECT_LT(two.withdraw(), 5s);
  EXPECT_THAT(two.changes(), IsEmpty());
}

TEST_F(an_election, tells_what_the_group_refuses) {
  for (auto i = 0; i < 3; ++i)
    rd_kafka_mock_push_request_errors(
        cluster_.get(), join_group_request, 1,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  candidate one{cluster_.brokers()};
  ASSERT_TRUE(eventually([&] { return !one.trouble().empty(); }));
  EXPECT_THAT(one.trouble(), HasSubstr("does not allow"));
  EXPECT_FALSE(one.leads());
  EXPECT_TRUE(eventually([&] { return one.leads(); }));
  EXPECT_TRUE(eventually([&] { return one.trouble().empty(); }));
}

TEST(an_election_without_its_topic, begins_when_the_topic_is_there) {
  mock_cluster cluster;
  cluster.create(topic, 1);
  // The mock cluster makes every topic that it is asked for.
  rd_kafka_mock_topic_set_error(cluster.get(), topic,
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  candidate one{cluster.brokers()};
  ASSERT_TRUE(eventually([&] { return !one.trouble().empty(); }));
  EXPECT_THAT(one.trouble(), HasSubstr("shop.control does not exist"));
  EXPECT_FALSE(one.leads());
  rd_kafka_mock_topic_set_error(cluster.get(), topic,
                                RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_TRUE(eventually([&] { return one.leads(); }));
  EXPECT_TRUE(eventually([&] { return one.trouble().empty(); }));
}

TEST(an_election_on_several_partitions, is_won_with_the_first_of_them) {
  mock_cluster cluster;
  cluster.create(topic, 2);
  candidate one{cluster.brokers()};
  ASSERT_TRUE(eventually([&] { return one.leads(); }));
  candidate two{cluster.brokers()};
  EXPECT_FALSE(eventually([&] { return one.leads() && two.leads(); }, 8s));
  EXPECT_TRUE(eventually([&] { return one.leads() != two.leads(); }));
}

TEST(an_election_of_settings_for_the_data, does_not_take_them) {
  mock_cluster cluster;
  cluster.create(topic, 1);
  election_options options;
  options.at = {cluster.brokers(),
                {{"group.instance.id", "one"},
                 {"partition.assignment.strategy", "range"},
                 {"max.poll.interval.ms", "3000"},
                 {"session.timeout.ms", "1000"}}};
  options.group = coordinator_group("shop");
  options.topic = topic;
  candidate one;
  one.stand(options);
  candidate two;
  two.stand(options);
  EXPECT_TRUE(eventually([&] { return one.leads() || two.leads(); }));
}

TEST(an_election_with_a_setting_that_there_is_not, is_refused) {
  election_options options;
  options.at = {"127.0.0.1:1", {{"no.such.setting", "1"}}};
  options.group = "g";
  options.topic = topic;
  const auto refused = join_election(
      options, [](bool) {}, [](auto) {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("no.such.setting"));
}

TEST(an_election_on_the_embedded_broker, needs_nothing_else) {
  temporary_directory place;
  embedded_broker_options options;
  options.directory = place.path();
  options.topics = {{"orders", 1}};
  options.unread_topics = {{topic, 1}};
  options.group = "shop";
  const auto broker = embedded_broker::start(options).value();
  candidate one{broker->brokers()};
  EXPECT_TRUE(eventually([&] { return one.leads(); }));
  EXPECT_LT(one.withdraw(), 5s);
}

} // namespace

} // namespace sluice::kafka
