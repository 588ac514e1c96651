#include "actors/coordinator.hpp"

#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;
using clickhouse::remedy;

gold::instant at(const std::string& text) {
  return gold::parse_utc(text).value();
}

/// Runs that wait for the test to answer them.
struct executor_log {
  using promise = caf::typed_response_promise<window_finished>;
  std::vector<run_window> runs;
  std::vector<promise> pending;
  int ledger_reads = 0;
  std::optional<clickhouse::error> ledger_error;
  std::vector<unsound_window> unsound;
};

class Coordinator : public actor_test {
protected:
  void start(const std::string& now) {
    topology::gold gold;
    gold.name = "activity";
    gold.trigger = {"@daily"};
    start_ = at(now);
    began_ = scheduler_clock();
    coordinator_parts parts{
        {gold}, spawn_executor(), "node-1", {}, no_reports(), [this] {
          return start_ + jump_
                 + std::chrono::floor<std::chrono::milliseconds>(
                     scheduler_clock() - began_);
        }};
    parts.metrics.emplace("activity", metrics_.gold("activity"));
    coordinator_ = own(system_.spawn(coordinator, std::move(parts)));
    settle();
  }

  caf::actor_clock::time_point scheduler_clock() {
    return scheduler_.clock().now();
  }

  gold_executor_actor spawn_executor() {
    auto log = log_;
    executor_ = own(system_.spawn([log](caf::event_based_actor* self) {
      return caf::behavior{
          [log, self](const run_window& order) {
            log->runs.push_back(order);
            log->pending.push_back(
                self->make_response_promise<executor_log::promise>());
            return log->pending.back();
          },
          [log](const read_ledger&) -> ledger_read {
            ++log->ledger_reads;
            if (log->ledger_error)
              return {tl::make_unexpected(*log->ledger_error), {}};
            return {std::vector<gold::ledger_entry>{},
                    std::exchange(log->unsound, {})};
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<gold_executor_actor>(executor_);
  }

  void lead(bool leads = true) {
    caf::anon_send(coordinator_, leadership_changed{leads});
    settle();
  }
  void answer(window_finished outcome) {
    const auto promise = log_->pending.front();
    log_->pending.erase(log_->pending.begin());
    fulfil(executor_, promise, std::move(outcome));
  }
  void succeed() { answer({gold::run_result{3, {}, 5ms, ""}}); }
  void fail() {
    answer({tl::make_unexpected(
        clickhouse::error{remedy::retry, 241, false, "memory limit"})});
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<executor_log> log_ = std::make_shared<executor_log>();
  gold::instant start_;
  /// By which the wall clock was set.
  std::chrono::milliseconds jump_{0};
  caf::actor_clock::time_point began_;
  caf::actor executor_;
  coordinator_actor coordinator_;
};

TEST_F(Coordinator, RunsTheDayThatHasJustEndedAtMidnight) {
  start("2026-02-20 23:59:00");
  lead();
  pass(59s);
  EXPECT_TRUE(log_->runs.empty());
  pass(2s);
  ASSERT_EQ(log_->runs.size(), 1U);
  EXPECT_EQ(log_->runs[0].gold, "activity");
  EXPECT_EQ(gold::to_string(log_->runs[0].request.what),
            "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z");
  EXPECT_EQ(log_->runs[0].request.attempt, 1);
  EXPECT_EQ(log_->runs[0].request.node, "node-1");
}

TEST_F(Coordinator, DoesNothingWhileItDoesNotLead) {
  start("2026-02-20 23:59:00");
  pass(2min);
  EXPECT_EQ(log_->ledger_reads, 0);
  EXPECT_TRUE(log_->runs.empty());
}

TEST_F(Coordinator, TriesAFailedRunTwiceMoreFiveMinutesApart) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  for (const auto attempt : {1, 2}) {
    ASSERT_EQ(log_->runs.size(), static_cast<std::size_t>(attempt));
    fail();
    pass(4min + 50s);
    EXPECT_EQ(log_->runs.size(), static_cast<std::size_t>(attempt));
    pass(20s);
    ASSERT_EQ(log_->runs.size(), static_cast<std::size_t>(attempt) + 1);
    EXPECT_EQ(log_->runs.back().request.attempt, attempt + 1);
  }
  fail();
  pass(20min);
  EXPECT_EQ(log_->runs.size(), 3U) << "then it has failed";
}

TEST_F(Coordinator, EveryAttemptHasARunIdOfItsOwn) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  fail();
  pass(5min + 10s);
  ASSERT_EQ(log_->runs.size(), 2U);
  EXPECT_NE(log_->runs[0].request.run_id, log_->runs[1].request.run_id);
}

TEST_F(Coordinator, WaitsForALedgerThatCannotBeRead) {
  log_->ledger_error =
      clickhouse::error{remedy::retry, 0, false, "connection refused"};
  start("2026-02-20 23:59:00");
  lead();
  pass(3min);
  EXPECT_GE(log_->ledger_reads, 2);
  EXPECT_TRUE(log_->runs.empty());
}

TEST_F(Coordinator, RunsAgainWhatDoesNotShowItsLastRun) {
  const gold::window day{
      std::chrono::floor<std::chrono::seconds>(at("2026-02-18 00:00:00")),
      std::chrono::floor<std::chrono::seconds>(at("2026-02-19 00:00:00"))};
  log_->unsound = {{"activity", day}};
  start("2026-02-20 12:00:00");
  lead();
  pass(1s);
  ASSERT_EQ(log_->runs.size(), 1U);
  EXPECT_EQ(log_->runs[0].request.what, day);
  EXPECT_EQ(log_->runs[0].request.trigger, "repair");
  succeed();
  pass(1min);
  EXPECT_EQ(log_->runs.size(), 1U);
}

TEST_F(Coordinator, GoesOnWhenTheClockIsSetBack) {
  start("2026-02-20 23:59:50");
  lead();
  pass(1s);
  jump_ = -3h;
  const auto reads = log_->ledger_reads;
  pass(3min);
  EXPECT_GE(log_->ledger_reads, reads + 2) << "the ledger is still looked at";
  EXPECT_TRUE(log_->runs.empty());
  jump_ = 0h;
  pass(30s);
  ASSERT_EQ(log_->runs.size(), 1U) << "midnight comes by the clock";
}

TEST_F(Coordinator, ARetryDoesNotWaitForTheHoursByWhichTheClockWasSetBack) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  ASSERT_EQ(log_->runs.size(), 1U);
  jump_ = 10min;
  fail();
  jump_ = -3h;
  pass(5min + 20s);
  ASSERT_EQ(log_->runs.size(), 2U);
  EXPECT_EQ(log_->runs[1].request.attempt, 2);
}

TEST_F(Coordinator, ADayThatTheClockEndedTooEarlyIsRunAgainAtItsEnd) {
  start("2026-02-20 23:00:00");
  lead();
  pass(1s);
  jump_ = 2h;
  pass(11s);
  ASSERT_EQ(log_->runs.size(), 1U);
  succeed();
  jump_ = 0h;
  pass(59min);
  EXPECT_EQ(log_->runs.size(), 1U);
  pass(2min);
  ASSERT_EQ(log_->runs.size(), 2U);
  EXPECT_EQ(log_->runs[1].request.what, log_->runs[0].request.what);
}

TEST_F(Coordinator, StopsWhenItNoLongerLeads) {
  start("2026-02-20 23:59:00");
  lead();
  lead(false);
  pass(2min);
  EXPECT_TRUE(log_->runs.empty());
}

TEST_F(Coordinator, AnOutcomeThatComesAfterTheLeadIsLostChangesNothing) {
  start("2026-02-20 23:59:59");
  lead();
  pass(2s);
  lead(false);
  succeed();
  lead(true);
  pass(1s);
  EXPECT_EQ(log_->runs.size(), 1U);
}

} // namespace
} // namespace sluice::actors
