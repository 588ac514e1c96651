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
  std::vector<ask_rows> questions;
  /// What silver answers.
  std::vector<std::int64_t> there;
  tl::expected<std::optional<std::int64_t>, clickhouse::error> newest =
      std::optional<std::int64_t>{};
};

/// Rows at these offsets.
silver::block_ptr block_of(std::vector<std::int64_t> offsets) {
  silver::block_builder builder{
      {{"_offset", *silver::parse_column_type("Int64")}}};
  for (const auto each : offsets) {
    builder.column(0).append(each);
    builder.commit_row();
  }
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
            [log](const ask_rows& what) {
              log->questions.push_back(what);
              return rows_told{log->there};
            },
            [log](const ask_newest&) { return newest_told{log->newest}; },
            [](const act& order) { order.what(); }};
      }));
      return caf::actor_cast<inserter_actor>(fake);
    };
    writer_ = own(system_.spawn(
        batching_writer,
        batching_writer_parts{"users", 0, spawn, inserters,
                              std::chrono::minutes{10}, metrics_.table("users"),
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

  using answer_log = std::shared_ptr<std::vector<rows_answered>>;

  /// Sends a block; what the writer answers is kept.
  answer_log send(rows_ready work) {
    auto result = std::make_shared<std::vector<rows_answered>>();
    own(system_.spawn(
        [result, work, writer = writer_](caf::event_based_actor* self) {
          self->request(writer, caf::infinite, work)
              .then([result](const rows_answered& m) { result->push_back(m); },
                    [](caf::error&) {});
          return caf::behavior{[](caf::unit_t) {}};
        }));
    settle();
    return result;
  }
  static rows_ready ten_rows() {
    rows_ready work;
    work.token = "a";
    work.rows = block_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    work.piece = {0, 10};
    work.partition = 3;
    work.epoch = 2;
    return work;
  }
  /// The result becomes true when the writer says it is written.
  std::shared_ptr<bool> write(const std::string& token) {
    auto written = std::make_shared<bool>(false);
    rows_ready work;
    work.token = token;
    work.rows = block_of({0});
    work.piece = {0, 1};
    work.newest_ms = 5;
    own(system_.spawn(
        [written, work, writer = writer_](caf::event_based_actor* self) {
          self->request(writer, caf::infinite, work)
              .then(
                  [written](const rows_answered& m) {
                    *written = m.fate == rows_fate::written;
                  },
                  [](caf::error&) {});
          return caf::behavior{[](caf::unit_t) {}};
        }));
    settle();
    return written;
  }
  std::shared_ptr<std::optional<newest_found>> find() {
    auto result = std::make_shared<std::optional<newest_found>>();
    own(system_.spawn([result, writer = writer_](caf::event_based_actor* self) {
      self->request(writer, caf::infinite, find_newest{})
          .then([result](const newest_found& m) { *result = m; },
                [](caf::error&) {});
      return caf::behavior{[](caf::unit_t) {}};
    }));
    settle();
    return result;
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

TEST_F(BatchingWriter, RefusesATableWhenNoRetryHelpsAndSaysWhy) {
  start();
  const auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 60, false, "no table users"});
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::refused);
  EXPECT_EQ(answers->front().reason, "no table users");
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->state, status::table_state::stopped);
  EXPECT_EQ(report_->reason, "no table users");
}

TEST_F(BatchingWriter, ARefusedTableIsAskedForAgainAfterAWhile) {
  start();
  send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 16, false, "no column x"});
  ASSERT_TRUE(*find());
  EXPECT_EQ((*find())->refused, "no column x")
      << "although a question would be answered";
  pass(std::chrono::seconds{31});
  EXPECT_EQ((*find())->refused, "");
  send(ten_rows());
  answer(0, clickhouse::error{remedy::stop, 16, false, "no column x"});
  pass(std::chrono::seconds{31});
  EXPECT_EQ((*find())->refused, "no column x") << "twice as long";
  pass(std::chrono::seconds{30});
  EXPECT_EQ((*find())->refused, "");
}

TEST_F(BatchingWriter, AQuestionThatFailsIsAskedAgain) {
  start();
  log_->newest = tl::make_unexpected(network_error());
  const auto found = find();
  EXPECT_FALSE(*found);
  log_->newest = std::optional<std::int64_t>{7};
  pass(std::chrono::seconds{1});
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->offset, 7);
}

TEST_F(BatchingWriter, WritesOnlyWhatSilverLacksOfABlockThatWasTried) {
  start();
  auto work = ten_rows();
  work.ask_first = work.tried_before = true;
  log_->there = {0, 1, 4, 9};
  const auto answers = send(work);
  ASSERT_EQ(log_->questions.size(), 1U);
  EXPECT_EQ(log_->questions[0].partition, 3);
  EXPECT_EQ(log_->questions[0].epoch, 2);
  EXPECT_EQ(log_->questions[0].range, (kafka::cut{0, 10}));
  ASSERT_EQ(log_->attempts.size(), 1U);
  EXPECT_EQ(log_->attempts[0].only, (std::vector<kafka::cut>{{2, 4}, {5, 9}}));
  EXPECT_EQ(log_->attempts[0].token, "a") << "for a late one of a zombie";
  answer(0);
  EXPECT_EQ(answers->front().fate, rows_fate::written);
  pass(std::chrono::seconds{1});
  EXPECT_EQ(report_->rows_written, 6U);
}

TEST_F(BatchingWriter, WritesNothingWhenSilverHasEveryRow) {
  start();
  auto work = ten_rows();
  work.ask_first = true;
  work.piece = {2, 5};
  log_->there = {2, 3, 4};
  const auto answers = send(work);
  EXPECT_TRUE(log_->attempts.empty());
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::written);
}

TEST_F(BatchingWriter, ABlockOfWhichSilverHasNothingIsInsertedAsItIs) {
  start();
  auto work = ten_rows();
  work.ask_first = true;
  send(work);
  ASSERT_EQ(log_->attempts.size(), 1U);
  EXPECT_TRUE(log_->attempts[0].only.empty());
}

TEST_F(BatchingWriter, GivesBackWhatIsTooLargeOrAtFault) {
  start();
  auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  EXPECT_EQ(answers->front().fate, rows_fate::too_large);
  answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  EXPECT_EQ(answers->front().fate, rows_fate::rejected);
}

TEST_F(BatchingWriter, ABlockWhoseOutcomeIsUnknownIsNeverDividedForItsSize) {
  start();
  const auto answers = send(ten_rows());
  answer(0, network_error());
  for (auto i = 0; i < 30; ++i) {
    pass(std::chrono::seconds{31});
    ASSERT_EQ(log_->pending.size(), 1U);
    EXPECT_EQ(log_->pending[0].work.token, "a");
    answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  }
  EXPECT_TRUE(answers->empty());
}

TEST_F(BatchingWriter, ABlockWhoseOutcomeIsUnknownIsBisectedOnlyWhenItIsOver) {
  start();
  const auto answers = send(ten_rows());
  answer(0, network_error());
  pass(std::chrono::seconds{31});
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  EXPECT_TRUE(answers->empty());
  pass(std::chrono::minutes{10});
  answer(0, clickhouse::error{remedy::reject, 469, false, "constraint"});
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().fate, rows_fate::rejected);
}

TEST_F(BatchingWriter, OneRowIsNeverTooLarge) {
  start();
  write("a");
  answer(0, clickhouse::error{remedy::split, 241, false, "memory"});
  pass(std::chrono::seconds{1});
  EXPECT_EQ(log_->pending.size(), 1U) << "it waits for memory";
}

TEST_F(BatchingWriter, SaysThatThereAreTooManyParts) {
  start();
  const auto answers = send(ten_rows());
  answer(0, clickhouse::error{remedy::retry, 252, false, "too many parts"});
  pass(std::chrono::seconds{1});
  answer(0);
  EXPECT_TRUE(answers->front().crowded);
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
