#include "actors/batching_writer.hpp"

#include "actors/failure.hpp"
#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

using clickhouse::remedy;

/// Inserts that wait for the test to answer them.
struct insert_log {
  struct attempt {
    insert_block work;
    caf::actor by;
    caf::typed_response_promise<insert_answered> answer;
  };
  std::vector<attempt> pending;
  std::vector<insert_block> attempts;
};

silver::block_ptr one_row() {
  silver::block_builder builder{{{"id", *silver::parse_column_type("Int32")}}};
  builder.column(0).append(std::int32_t{1});
  builder.commit_row();
  return builder.finish();
}

clickhouse::error network_error() {
  return {remedy::retry, 0, true, "connection reset"};
}

class BatchingWriter : public actor_test {
protected:
  void start(std::size_t inserters = 1) {
    auto log = log_;
    auto spawn = [this, log] {
      const auto fake = own(system_.spawn([log](caf::event_based_actor* self) {
        return caf::behavior{
            [log, self](const insert_block& work) {
              log->attempts.push_back(work);
              auto promise = self->make_response_promise<
                  caf::typed_response_promise<insert_answered>>();
              log->pending.push_back({work, self, promise});
              return promise;
            },
            [](const act& order) { order.what(); }};
      }));
      return caf::actor_cast<inserter_actor>(fake);
    };
    writer_ = own(system_.spawn(
        batching_writer, batching_writer_parts{
                             "users", spawn, inserters, metrics_.table("users"),
                             reports(), [] { return status::instant{}; }}));
    settle();
  }

  metrics_actor reports() {
    auto report = report_;
    return own(system_.spawn([report]() -> metrics_actor::behavior_type {
      return {[](const partition_reported&) {},
              [](const partition_gone&) {},
              [report](const table_reported& m) { *report = m.report; },
              [](const records_counted&) {},
              [](const golds_reported&) {},
              [](const trouble_reported&) {},
              [](const actor_restarted&) {},
              [](const phase_changed&) {}};
    }));
  }

  /// Sends a block; the result becomes true when the writer says it is written.
  std::shared_ptr<bool> write(const std::string& token) {
    auto written = std::make_shared<bool>(false);
    own(system_.spawn(
        [written, token, writer = writer_](caf::event_based_actor* self) {
          self->request(writer, caf::infinite, rows_ready{token, one_row(), 5})
              .then([written](const rows_written&) { *written = true; },
                    [](caf::error&) {});
          return caf::behavior{[](caf::unit_t) {}};
        }));
    settle();
    return written;
  }

  void answer(std::size_t index, std::optional<clickhouse::error> error = {}) {
    const auto one = log_->pending.at(index);
    log_->pending.erase(log_->pending.begin()
                        + static_cast<std::ptrdiff_t>(index));
    fulfil(one.by, one.answer, insert_answered{std::move(error)});
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<insert_log> log_ = std::make_shared<insert_log>();
  std::shared_ptr<status::table_report> report_ =
      std::make_shared<status::table_report>();
  batching_writer_actor writer_;
};

TEST_F(BatchingWriter, AnswersWhenClickHouseHasTheRows) {
  start();
  const auto written = write("a");
  EXPECT_FALSE(*written);
  answer(0);
  EXPECT_TRUE(*written);
}

TEST_F(BatchingWriter, RepeatsTheSameBlockUnderTheSameToken) {
  start();
  const auto written = write("a");
  answer(0, network_error());
  EXPECT_TRUE(log_->pending.empty()) << "not at once";
  pass(std::chrono::seconds{1});
  ASSERT_EQ(log_->attempts.size(), 2U);
  EXPECT_EQ(log_->attempts[1].token, "a");
  EXPECT_EQ(log_->attempts[1].rows, log_->attempts[0].rows);
  EXPECT_FALSE(*written);
  answer(0);
  EXPECT_TRUE(*written);
}

TEST_F(BatchingWriter, WaitsTwiceAsLongAfterEachFailureUpTo30Seconds) {
  start();
  write("a");
  for (const auto wait : {1, 2, 4, 8, 16, 30, 30}) {
    answer(0, network_error());
    pass(std::chrono::seconds{wait} - std::chrono::milliseconds{100});
    EXPECT_TRUE(log_->pending.empty()) << "before " << wait << " s";
    pass(std::chrono::milliseconds{200});
    ASSERT_EQ(log_->pending.size(), 1U) << "after " << wait << " s";
  }
}

TEST_F(BatchingWriter, ASuccessStartsTheBackoffOver) {
  start();
  write("a");
  answer(0, network_error());
  pass(std::chrono::seconds{1});
  answer(0, network_error());
  pass(std::chrono::seconds{2});
  answer(0);
  write("b");
  answer(0, network_error());
  pass(std::chrono::milliseconds{1100});
  EXPECT_EQ(log_->pending.size(), 1U);
}

TEST_F(BatchingWriter, InsertsAsManyBlocksAtOnceAsItHasInserters) {
  start(2);
  write("a");
  write("b");
  write("c");
  EXPECT_EQ(log_->pending.size(), 2U);
  answer(0);
  EXPECT_EQ(log_->pending.size(), 2U);
}

TEST_F(BatchingWriter, ABlockThatComesAgainJoinsTheOneUnderWay) {
  start();
  const auto first = write("a");
  const auto again = write("a");
  write("b");
  const auto queued_again = write("b");
  EXPECT_EQ(log_->attempts.size(), 1U);
  answer(0);
  EXPECT_TRUE(*first);
  EXPECT_TRUE(*again);
  answer(0);
  EXPECT_TRUE(*queued_again);
  EXPECT_EQ(log_->attempts.size(), 2U);
}

TEST_F(BatchingWriter, StopsTheTableWhenNoRetryHelpsAndSaysWhy) {
  start();
  const auto written = write("a");
  answer(0, clickhouse::error{remedy::stop, 60, false, "no table users"});
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::stopped);
  EXPECT_EQ(report_->reason, "no table users");
  pass(std::chrono::seconds{28});
  EXPECT_EQ(log_->attempts.size(), 1U);
  pass(std::chrono::seconds{2});
  ASSERT_EQ(log_->attempts.size(), 2U)
      << "mended by hand, it goes on by itself";
  answer(0);
  EXPECT_TRUE(*written);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::running);
  EXPECT_EQ(report_->rows_written, 1U);
}

TEST_F(BatchingWriter, HoldsEverythingBackWhileClickHouseFails) {
  start(2);
  write("a");
  answer(0, network_error());
  write("b");
  EXPECT_TRUE(log_->pending.empty());
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->pending.size(), 2U);
  EXPECT_EQ(log_->pending[0].work.token, "a") << "the oldest first";
}

} // namespace
} // namespace sluice::actors
