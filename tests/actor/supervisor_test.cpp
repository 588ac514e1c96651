#include "actors/supervisor.hpp"

#include "actors/failure.hpp"
#include "actors/metrics.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_partition.hpp"

namespace sluice::actors {
namespace {

using kafka::topic_partition;

class fake_group : public kafka::group_member {
public:
  void reopen(const topic_partition& where) override {
    reopened.push_back(where);
  }
  void release(const topic_partition& where) override {
    released.push_back(where);
  }
  void close(std::chrono::milliseconds) override {}
  std::vector<topic_partition> reopened;
  std::vector<topic_partition> released;
};

class Supervisor : public actor_test {
protected:
  void SetUp() override {
    supervisor_parts parts;
    parts.group = [this]() -> kafka::group_member& { return group_; };
    parts.spawn_consumer = [this](const auto&, const pipeline_writers& to) {
      writers_ = to;
      consumers_.push_back(spawn_consumer());
      return consumers_.back();
    };
    parts.tables = {"users"};
    parts.spawn_writer = [this](const std::string&) {
      ++writers_spawned_;
      return spawn_writer();
    };
    parts.spawn_dead_letters = [this] { return spawn_dead_letters(); };
    parts.spawn_record_fetcher = [this] {
      return own(system_.spawn([]() -> record_fetcher_actor::behavior_type {
        return {[](const fetch_record&) { return record_fetched{}; },
                [](const find_offset&) { return offset_found{}; },
                [](const find_retention&) { return retention_told{}; }};
      }));
    };
    parts.spawn_coordinator = [this](const auto&) {
      coordinators_.push_back(spawn_coordinator());
      return coordinators_.back();
    };
    parts.reports =
        own(system_.spawn(metrics, metrics_parts{board_, registry_}));
    supervisor_ = own(system_.spawn(supervisor, std::move(parts)));
    settle();
  }

  partition_consumer_actor spawn_consumer() {
    auto drains = drains_;
    auto resets = resets_;
    return own(system_.spawn(
        [drains, resets]() -> partition_consumer_actor::behavior_type {
          return {[](const records_available&) {},
                  [](const flush_due&) {},
                  [](const records_decoded&) {},
                  [](const commit_answered&) {},
                  [](const retry_due&) {},
                  [](const cut_written&) {},
                  [](const split_wanted&) {},
                  [](const table_refused&) {},
                  [](const probe_due&) {},
                  [drains](const drain&) { ++*drains; },
                  [resets](const table_reset& m) { resets->push_back(m); },
                  [](const report_due&) {}};
        }));
  }
  batching_writer_actor spawn_writer() {
    auto told = told_;
    auto epochs = epochs_told_;
    return own(
        system_.spawn([told, epochs]() -> batching_writer_actor::behavior_type {
          return {[](const rows_ready&) { return rows_answered{}; },
                  [](const find_newest&) { return newest_found{}; },
                  [told, epochs](const pause_told& m) {
                    told->push_back(m.paused);
                    epochs->push_back(m.epoch);
                  },
                  [](const retry_due&) {},
                  [](const attempts_over&) {},
                  [](const report_due&) {}};
        }));
  }
  dead_letter_writer_actor spawn_dead_letters() {
    return own(system_.spawn([]() -> dead_letter_writer_actor::behavior_type {
      return {[](const records_rejected&) { return records_kept{}; },
              [](const dead_letter_answered&) {}, [](const retry_due&) {}};
    }));
  }
  coordinator_actor spawn_coordinator() {
    auto leads = leads_;
    return own(system_.spawn([leads]() -> coordinator_actor::behavior_type {
      return {
          [leads](const leadership_changed& m) { leads->push_back(m.leads); },
          [](const retry_due&) {}, [](const report_due&) {}};
    }));
  }

  void assign(const topic_partition& where) {
    partitions_.push_back(std::make_unique<kafka::fake_partition>(where));
    auto assigned = std::make_shared<kafka::assigned_partition>();
    assigned->source = partitions_.back()->open();
    caf::anon_send(supervisor_, partition_assigned{assigned});
    settle();
  }
  template <class Message>
  void tell(Message message) {
    caf::anon_send(supervisor_, std::move(message));
    settle();
  }
  template <class Handle>
  void fail(const Handle& child) {
    caf::anon_send(caf::actor_cast<caf::actor>(child),
                   caf::exit_msg{{}, failure("boom")});
    settle();
  }

  const topic_partition where_{"orders", 0};
  fake_group group_;
  std::vector<std::unique_ptr<kafka::fake_partition>> partitions_;
  std::vector<partition_consumer_actor> consumers_;
  std::vector<coordinator_actor> coordinators_;
  std::shared_ptr<int> drains_ = std::make_shared<int>(0);
  std::shared_ptr<std::vector<table_reset>> resets_ =
      std::make_shared<std::vector<table_reset>>();
  std::shared_ptr<std::vector<bool>> leads_ =
      std::make_shared<std::vector<bool>>();
  pipeline_writers writers_;
  int writers_spawned_ = 0;
  std::shared_ptr<std::vector<std::string>> told_ =
      std::make_shared<std::vector<std::string>>();
  std::shared_ptr<std::vector<std::uint16_t>> epochs_told_ =
      std::make_shared<std::vector<std::uint16_t>>();
  std::shared_ptr<status_board> board_ =
      std::make_shared<status_board>(status::report{});
  std::shared_ptr<status::registry> registry_ =
      std::make_shared<status::registry>("test", "test");
  supervisor_actor supervisor_;
};

TEST_F(Supervisor, StartsAPipelineForEachAssignedPartition) {
  assign(where_);
  assign({"orders", 1});
  EXPECT_EQ(consumers_.size(), 2U);
}

TEST_F(Supervisor, AFailedPipelineIsReopenedAfterABackoffThatGrows) {
  assign(where_);
  for (const auto seconds : {1, 2, 4}) {
    fail(consumers_.back());
    const auto before = group_.reopened.size();
    pass(std::chrono::seconds{seconds} - std::chrono::milliseconds{100});
    EXPECT_EQ(group_.reopened.size(), before) << seconds;
    pass(std::chrono::milliseconds{200});
    EXPECT_EQ(group_.reopened.size(), before + 1) << seconds;
    assign(where_);
  }
}

TEST_F(Supervisor, APipelineThatWasHealthyStartsAgainQuickly) {
  assign(where_);
  fail(consumers_.back());
  pass(std::chrono::seconds{2});
  assign(where_);
  pass(std::chrono::seconds{11});
  fail(consumers_.back());
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(group_.reopened.size(), 2U);
}

TEST_F(Supervisor, AFailureIsInTheStatusFromItsWaitToItsEnd) {
  assign(where_);
  fail(consumers_.back());
  auto report = board_->current();
  ASSERT_EQ(report.restarts.size(), 1U);
  EXPECT_EQ(report.restarts[0].actor, "orders/0");
  EXPECT_EQ(report.restarts[0].last_reason, "boom");
  EXPECT_EQ(*report.restarts[0].next - *report.restarts[0].last,
            std::chrono::seconds{1});
  EXPECT_EQ(report.health.reasons, std::vector<std::string>{"orders/0: boom"});
  ASSERT_EQ(report.partitions.size(), 1U);
  EXPECT_EQ(report.partitions[0].state, status::partition_state::stopped);
  pass(std::chrono::seconds{2});
  EXPECT_EQ(board_->current().health.reasons.size(), 1U)
      << "asked for, but Kafka has not given it yet";
  assign(where_);
  report = board_->current();
  EXPECT_EQ(report.restarts[0].next, std::nullopt);
  EXPECT_EQ(report.restarts[0].restarts, 1U);
  EXPECT_TRUE(report.health.reasons.empty());
}

TEST_F(Supervisor, AFailureOfWhatIsGivenUpIsNoTroubleOfThisNodeAnyMore) {
  assign(where_);
  fail(consumers_.back());
  tell(partition_revoked{where_});
  const auto report = board_->current();
  EXPECT_TRUE(report.health.reasons.empty());
  EXPECT_TRUE(report.partitions.empty());
  EXPECT_EQ(report.restarts[0].next, std::nullopt);
}

TEST_F(Supervisor, ARevokedPartitionDrainsBeforeItIsReleased) {
  assign(where_);
  tell(partition_revoked{where_});
  EXPECT_EQ(*drains_, 1);
  EXPECT_TRUE(group_.released.empty());
  caf::anon_send_exit(consumers_.back(), caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(group_.released, std::vector{where_});
  EXPECT_TRUE(group_.reopened.empty());
}

TEST_F(Supervisor, ADrainThatTakesTooLongIsEnded) {
  assign(where_);
  tell(partition_revoked{where_});
  pass(std::chrono::seconds{21});
  EXPECT_EQ(group_.released, std::vector{where_});
}

TEST_F(Supervisor, ALostPartitionIsDroppedAndNotReleased) {
  assign(where_);
  const auto ended = watch(consumers_.back());
  tell(partition_lost{where_});
  EXPECT_TRUE(ended->has_value());
  EXPECT_TRUE(group_.released.empty());
  EXPECT_EQ(*drains_, 0);
}

TEST_F(Supervisor, APartitionRevokedWhileItWaitsForARestartIsReleasedAtOnce) {
  assign(where_);
  fail(consumers_.back());
  tell(partition_revoked{where_});
  EXPECT_EQ(group_.released, std::vector{where_});
  pass(std::chrono::seconds{5});
  EXPECT_TRUE(group_.reopened.empty());
}

TEST_F(Supervisor, RevokingWhatItDoesNotHaveReleasesIt) {
  tell(partition_revoked{where_});
  EXPECT_EQ(group_.released, std::vector{where_});
}

TEST_F(Supervisor, AFailedWriterTakesThePipelinesWithItAndAllStartAgain) {
  assign(where_);
  EXPECT_EQ(writers_spawned_, 1);
  fail(writers_.tables.at("users"));
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(group_.reopened, std::vector{where_});
  assign(where_);
  EXPECT_EQ(writers_spawned_, 2);
}

TEST_F(Supervisor, TellsAWriterWhetherItsTableIsPausedAndTellsOnlyChanges) {
  EXPECT_TRUE(told_->empty()) << "nothing is known yet";
  tell(controls_followed{{{"others", "why"}}, {}});
  EXPECT_EQ(*told_, std::vector<std::string>{""});
  tell(controls_followed{{{"users", "why"}}, {"others"}});
  EXPECT_EQ(told_->size(), 2U);
  EXPECT_EQ(told_->back(), "why");
  tell(controls_followed{{{"users", "why"}}, {"others"}});
  EXPECT_EQ(told_->size(), 2U);
  tell(controls_followed{{}, {"users"}});
  EXPECT_EQ(told_->size(), 3U);
  EXPECT_EQ(told_->back(), "");
  tell(controls_followed{{}, {"users"}});
  EXPECT_EQ(told_->size(), 4U) << "a table that ClickHouse refused is tried";
}

TEST_F(Supervisor, AWriterThatStartsAgainIsToldThatItsTableIsPaused) {
  tell(controls_followed{{{"users", "why"}}, {}});
  assign(where_);
  fail(writers_.tables.at("users"));
  pass(std::chrono::milliseconds{1100});
  assign(where_);
  EXPECT_EQ(writers_spawned_, 2);
  EXPECT_EQ(*told_, (std::vector<std::string>{"why", "why"}));
}

TEST_F(Supervisor, TellsOfAResetThatComesWhilePipelinesRun) {
  assign(where_);
  tell(controls_followed{{}, {}, {{"users", 2}, {"others", 9}}});
  EXPECT_TRUE(resets_->empty()) << "its writers knew before it began";
  EXPECT_EQ(epochs_told_->back(), 2);
  tell(controls_followed{{}, {}, {{"users", 2}, {"others", 11}}});
  EXPECT_TRUE(resets_->empty()) << "no table of ours";
  tell(controls_followed{{}, {}, {{"users", 4}, {"others", 11}}});
  ASSERT_EQ(resets_->size(), 1U);
  EXPECT_EQ(resets_->back().table, "users");
  EXPECT_EQ(resets_->back().epoch, 4);
  EXPECT_EQ(epochs_told_->back(), 4);
}

TEST_F(Supervisor, APipelineThatEndsForAResetStartsAgainAtOnce) {
  assign(where_);
  tell(controls_followed{});
  tell(controls_followed{{}, {}, {{"users", 2}}});
  caf::anon_send_exit(consumers_.back(), caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(group_.reopened, std::vector{where_});
  assign(where_);
  fail(consumers_.back());
  EXPECT_EQ(group_.reopened.size(), 1U) << "a failure waits";
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(group_.reopened.size(), 2U);
}

TEST_F(Supervisor, AWriterThatStartsAgainIsToldOfTheReset) {
  tell(controls_followed{{}, {}, {{"users", 2}}});
  assign(where_);
  fail(writers_.tables.at("users"));
  pass(std::chrono::milliseconds{1100});
  assign(where_);
  EXPECT_EQ(*epochs_told_, (std::vector<std::uint16_t>{2, 2}));
}

TEST_F(Supervisor, TellsItsCoordinatorThatTheNodeLeads) {
  EXPECT_EQ(*leads_, std::vector{false});
  assign(where_);
  EXPECT_EQ(leads_->size(), 1U) << "no partition of data decides it";
  tell(leadership_changed{true});
  tell(leadership_changed{true});
  tell(leadership_changed{false});
  EXPECT_EQ(*leads_, (std::vector{false, true, false})) << "each change once";
}

TEST_F(Supervisor, AFailedCoordinatorStartsAgainAndKnowsThatItLeads) {
  tell(leadership_changed{true});
  fail(coordinators_.back());
  leads_->clear();
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(coordinators_.size(), 2U);
  EXPECT_EQ(*leads_, std::vector{true});
}

TEST_F(Supervisor, AChangeOfTheLeadIsNotLostWhileTheCoordinatorIsAway) {
  tell(leadership_changed{true});
  fail(coordinators_.back());
  leads_->clear();
  tell(leadership_changed{false});
  EXPECT_TRUE(leads_->empty());
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(*leads_, std::vector{false});
}

TEST_F(Supervisor, ACoordinatorThatWasHealthyStartsAgainQuickly) {
  for (const auto seconds : {1, 2, 4}) {
    fail(coordinators_.back());
    const auto before = coordinators_.size();
    pass(std::chrono::seconds{seconds} - std::chrono::milliseconds{100});
    EXPECT_EQ(coordinators_.size(), before) << seconds;
    pass(std::chrono::milliseconds{200});
    EXPECT_EQ(coordinators_.size(), before + 1) << seconds;
  }
  pass(std::chrono::seconds{11});
  fail(coordinators_.back());
  EXPECT_EQ(board_->current().health.reasons,
            std::vector<std::string>{"coordinator: boom"});
  const auto before = coordinators_.size();
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(coordinators_.size(), before + 1);
  EXPECT_TRUE(board_->current().health.reasons.empty());
}

TEST_F(Supervisor, EndsEverythingWhenItEnds) {
  assign(where_);
  const auto consumer = watch(consumers_.back());
  const auto writer = watch(writers_.tables.at("users"));
  const auto coordinator = watch(coordinators_.back());
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_TRUE(consumer->has_value());
  EXPECT_TRUE(writer->has_value());
  EXPECT_TRUE(coordinator->has_value());
}

} // namespace
} // namespace sluice::actors
