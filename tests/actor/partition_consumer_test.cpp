#include "actors/partition_consumer.hpp"

#include <array>

#include "actors/failure.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_partition.hpp"

namespace sluice::actors {
namespace {

using kafka::commit_status;

/// What one transformer under the consumer was told.
struct transformer_log {
  std::vector<std::int64_t> offsets;
  std::vector<kafka::cut> closed;
  std::vector<kafka::cut> recorded;
  std::vector<bool> replayed;
  std::vector<std::vector<std::int64_t>> splits;
};

/// What a writer says when it is asked where its table stands.
struct writer_log {
  std::vector<find_newest> asked;
  newest_found answer;
};

class PartitionConsumer : public actor_test {
protected:
  static constexpr int tables = 2;

  /// Starts a consumer from what `kafka_` holds, and has its first position
  /// recorded.
  void start(int fed = 1) {
    fed_ = fed;
    auto parts = std::make_shared<partition_consumer_parts>(
        metrics_.partition("orders", 0));
    parts->source = kafka_.open();
    parts->committed = kafka_.stored;
    parts->bounds = bounds_.value_or(kafka_.bounds());
    parts->partition_count = partition_count_;
    parts->start = [this](std::int64_t offset) { kafka_.start(offset); };
    parts->tuning = tuning_;
    parts->recovery = recovery_;
    for (auto i = 0; i < fed; ++i)
      parts->tables.push_back({name(i), starts_[static_cast<std::size_t>(i)],
                               true, spawn_writer(i)});
    parts->records = spawn_records();
    parts->spawn_transformers = [this](const partition_consumer_actor&,
                                       const std::vector<std::uint16_t>& of) {
      epochs_ = of;
      std::vector<table_transformer_actor> result;
      for (std::size_t i = 0; i < of.size(); ++i)
        result.push_back(spawn_transformer(logs_[i]));
      transformer_ = result.front();
      return result;
    };
    parts->memory = memory_;
    parts->reports = no_reports();
    consumer_ = own(system_.spawn(partition_consumer, std::move(parts)));
    ended_ = watch(consumer_);
    settle();
    if (!kafka_.commits.empty() && !ended_->has_value())
      answer(first_answer_);
  }

  static std::string name(int table) { return "table" + std::to_string(table); }

  /// The text of a position at `offset` at which every fed table stands.
  static std::string position(std::int64_t offset,
                              std::vector<kafka::cut> intents, int fed = 1,
                              std::uint16_t epoch = 0) {
    kafka::position_metadata metadata;
    metadata.epoch = epoch;
    metadata.intents = std::move(intents);
    for (auto i = 0; i < fed; ++i)
      metadata.tables.push_back(
          {kafka::name_hash(name(i)), offset, {}, epoch, {}});
    return kafka::encode(metadata, offset);
  }

  batching_writer_actor spawn_writer(int table) {
    auto log = writers_[static_cast<std::size_t>(table)];
    return own(system_.spawn([log]() -> batching_writer_actor::behavior_type {
      return {[](const rows_ready&) { return rows_answered{}; },
              [log](const find_newest& what) {
                log->asked.push_back(what);
                return log->answer;
              },
              [](const retry_due&) {}, [](const report_due&) {}};
    }));
  }

  record_fetcher_actor spawn_records() {
    return own(system_.spawn([]() -> record_fetcher_actor::behavior_type {
      return {[](const fetch_record&) { return record_fetched{}; },
              [](const find_offset&) { return offset_found{4}; }};
    }));
  }

  table_transformer_actor
  spawn_transformer(std::shared_ptr<transformer_log> log) {
    return own(system_.spawn([log]() -> table_transformer_actor::behavior_type {
      return {
          [log](const records_fetched& fetched) {
            for (auto i = fetched.first; i < fetched.last; ++i)
              log->offsets.push_back(fetched.batch->records()[i].offset);
          },
          [log](const cut_closed& m) { log->closed.push_back(m.range); },
          [log](const cut_recorded& m) {
            log->recorded.push_back(m.range);
            log->replayed.push_back(m.replayed);
          },
          [log](const split_recorded& m) { log->splits.push_back(m.splits); }};
    }));
  }

  void produce(int count) {
    for (auto i = 0; i < count; ++i)
      kafka_.produce("k", std::string(10, 'v'));
    settle();
  }

  void acknowledge(kafka::cut range, std::size_t table = 0) {
    caf::anon_send(consumer_, cut_written{table, range});
    settle();
  }
  void refuse(std::size_t table, const std::string& why) {
    writers_[table]->answer.refused = why;
    caf::anon_send(consumer_, table_refused{table, why});
    settle();
  }

  void answer(commit_status status = commit_status::recorded) {
    kafka_.answer_commit(status, "because");
    settle();
  }

  /// Two tables, of which the second is refused at offset 0 while the first
  /// is at 3.
  void refuse_the_second_table() {
    start(2);
    produce(3);
    pass(tuning_.cut_age);
    answer();
    acknowledge({0, 3}, 0);
    refuse(1, "no such table");
    while (!kafka_.commits.empty())
      answer();
    produce(2);
    pass(tuning_.cut_age);
    while (!kafka_.commits.empty())
      answer();
    acknowledge({3, 5}, 0);
    while (!kafka_.commits.empty())
      answer();
  }

  [[nodiscard]] std::string reason() const {
    return ended_->has_value() ? failure_text(**ended_) : "alive";
  }

  status::registry metrics_{"test", "test"};
  kafka::fake_partition kafka_{{"orders", 0}};
  std::optional<kafka::log_bounds> bounds_;
  std::int32_t partition_count_ = 4;
  topology::tuning tuning_;
  topology::recovery recovery_;
  commit_status first_answer_ = commit_status::recorded;
  std::array<topology::table_start, tables> starts_;
  std::shared_ptr<memory_budget> memory_ =
      std::make_shared<memory_budget>(256U << 20U);
  std::array<std::shared_ptr<transformer_log>, tables> logs_{
      std::make_shared<transformer_log>(), std::make_shared<transformer_log>()};
  std::shared_ptr<transformer_log> log_ = logs_[0];
  std::array<std::shared_ptr<writer_log>, tables> writers_{
      std::make_shared<writer_log>(), std::make_shared<writer_log>()};
  int fed_ = 1;
  std::vector<std::uint16_t> epochs_;
  table_transformer_actor transformer_;
  partition_consumer_actor consumer_;
  std::shared_ptr<std::optional<caf::error>> ended_;
};

TEST_F(PartitionConsumer, HandsOutRecordsAndFlushesThemByAge) {
  start();
  produce(3);
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_TRUE(log_->closed.empty());
  pass(tuning_.cut_age);
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 3}}));
}

TEST_F(PartitionConsumer, LetsNothingBeInsertedBeforeTheIntentIsRecorded) {
  start();
  produce(3);
  pass(tuning_.cut_age);
  ASSERT_EQ(kafka_.commits.size(), 1U);
  EXPECT_EQ(kafka_.commits.front().offset, 0);
  EXPECT_TRUE(log_->recorded.empty());
  answer();
  EXPECT_EQ(log_->recorded, (std::vector<kafka::cut>{{0, 3}}));
}

TEST_F(PartitionConsumer, CommitsPastACutOnlyAfterItWasWritten) {
  start();
  produce(3);
  pass(tuning_.cut_age);
  answer();
  EXPECT_TRUE(kafka_.commits.empty());
  acknowledge({0, 3});
  ASSERT_EQ(kafka_.commits.size(), 1U);
  EXPECT_EQ(kafka_.commits.front().offset, 3);
}

TEST_F(PartitionConsumer, RepeatsACommitThatFailed) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer(commit_status::retry);
  EXPECT_TRUE(log_->recorded.empty());
  EXPECT_TRUE(kafka_.commits.empty()) << "not at once";
  pass(std::chrono::seconds{1});
  ASSERT_EQ(kafka_.commits.size(), 1U);
  answer();
  EXPECT_EQ(log_->recorded.size(), 1U);
}

TEST_F(PartitionConsumer, GivesUpAPartitionThatIsNoLongerItsOwn) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer(commit_status::not_owner);
  EXPECT_EQ(reason(), "orders/0: is no longer ours: because");
  EXPECT_TRUE(log_->recorded.empty());
  EXPECT_FALSE(kafka_.source_alive);
}

TEST_F(PartitionConsumer, TakesNoMoreThanItsCreditWhileClickHouseStalls) {
  tuning_.cut_rows = 10;
  tuning_.cuts_in_flight = 2;
  start();
  produce(1000);
  for (auto i = 0; i < 10; ++i) {
    pass(tuning_.cut_age);
    if (!kafka_.commits.empty())
      answer();
  }
  EXPECT_EQ(kafka_.records_taken, 20U) << "two cuts of ten";
  acknowledge({0, 10});
  EXPECT_EQ(kafka_.records_taken, 30U) << "one acknowledged, one more taken";
}

TEST_F(PartitionConsumer, ByteCreditBoundsWhatIsTaken) {
  tuning_.credit_bytes = 50;
  tuning_.cut_bytes = 1'000'000;
  start();
  produce(1000);
  EXPECT_LE(kafka_.records_taken, 6U);
  EXPECT_GE(kafka_.records_taken, 1U);
  EXPECT_GE(log_->closed.size(), 1U) << "a cut without room for more is closed";
}

TEST_F(PartitionConsumer, CutsAgainAtTheEndsThatWereRecorded) {
  kafka_.stored = {2, position(2, {{2, 5}, {5, 7}}, 1, 4)};
  for (auto i = 0; i < 10; ++i)
    kafka_.produce("k", "v");
  partition_count_ = 0;
  start();
  EXPECT_EQ(epochs_, std::vector<std::uint16_t>{4});
  EXPECT_EQ(log_->replayed, (std::vector<bool>{true, true}));
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{2, 5}, {5, 7}}));
  EXPECT_EQ(log_->recorded, log_->closed) << "no second intent is needed";
  EXPECT_TRUE(kafka_.commits.empty());
}

TEST_F(PartitionConsumer, ARecordedEndInAGapOfTheLogEndsTheCut) {
  kafka_.stored = {0, position(0, {{0, 5}})};
  for (auto i = 0; i < 8; ++i)
    kafka_.produce("k", "v");
  std::erase_if(kafka_.log, [](const auto& each) {
    return each.offset >= 3 && each.offset < 7;
  });
  start();
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 5}}));
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{0, 1, 2, 7}));
}

TEST_F(PartitionConsumer, ACutLargerThanTodaysCreditIsStillCutTheSame) {
  kafka_.stored = {0, position(0, {{0, 9}})};
  tuning_.credit_bytes = 20;
  for (auto i = 0; i < 10; ++i)
    kafka_.produce("k", std::string(10, 'v'));
  start();
  EXPECT_EQ(log_->closed, (std::vector<kafka::cut>{{0, 9}}));
}

TEST_F(PartitionConsumer, RefusesMetadataThatIsNotItsOwn) {
  kafka_.stored = {0, "someone else's"};
  start();
  EXPECT_NE(reason().find("orders/0: the committed offset's metadata"),
            std::string::npos)
      << reason();
  EXPECT_FALSE(kafka_.started);
}

TEST_F(PartitionConsumer, DrainFinishesClosedCutsAndLeavesTheOpenOne) {
  tuning_.cut_rows = 2;
  start();
  produce(3);
  caf::anon_send(consumer_, drain{});
  settle();
  answer();
  EXPECT_EQ(log_->recorded, (std::vector<kafka::cut>{{0, 2}}));
  EXPECT_EQ(reason(), "alive");
  acknowledge({0, 2});
  EXPECT_EQ(reason(), "alive") << "its last commit is not answered";
  answer();
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "");
  EXPECT_EQ(kafka_.stored.offset, 2) << "the third record is left to the next";
  EXPECT_FALSE(kafka_.source_alive);
}

TEST_F(PartitionConsumer, DrainTwiceIsDrainOnce) {
  start();
  caf::anon_send(consumer_, drain{});
  caf::anon_send(consumer_, drain{});
  settle();
  EXPECT_TRUE(ended_->has_value());
}

TEST_F(PartitionConsumer, ALateAcknowledgementChangesNothing) {
  start();
  produce(1);
  pass(tuning_.cut_age);
  answer();
  acknowledge({0, 1});
  acknowledge({0, 1});
  EXPECT_EQ(kafka_.commits.size(), 1U);
}

TEST_F(PartitionConsumer, EndsWithTheReasonOfItsTransformer) {
  start();
  caf::anon_send(caf::actor_cast<caf::actor>(transformer_),
                 caf::exit_msg{{}, failure("out of columns")});
  settle();
  EXPECT_EQ(reason(), "out of columns");
}

TEST_F(PartitionConsumer, EndsWithTheReasonWhyItsSourceStandsStill) {
  start();
  kafka_.failure =
      kafka::source_failure{.what = kafka::source_failure::kind::records_lost,
                            .log_start = 5,
                            .log_end = 9,
                            .text = "offset 0 is no longer in the log"};
  kafka_.notify();
  settle();
  EXPECT_EQ(reason(), "orders/0: offset 0 is no longer in the log");
}

// -- where it begins ----------------------------------------------------------

TEST_F(PartitionConsumer, RecordsWhereItBeginsBeforeItInserts) {
  for (auto i = 0; i < 3; ++i)
    kafka_.produce("k", "v");
  start();
  EXPECT_EQ(kafka_.stored.offset, 0);
  EXPECT_EQ(kafka_.stored.metadata.substr(0, 14), "sluice/2 e=0 n");
}

TEST_F(PartitionConsumer, AsksEachTableHowFarItIsBeforeItReads) {
  writers_[0]->answer.refused = "";
  start(2);
  ASSERT_EQ(writers_[0]->asked.size(), 1U);
  EXPECT_EQ(writers_[1]->asked.size(), 1U);
}

TEST_F(PartitionConsumer, BeginsWhereEachTableStarts) {
  using kind = topology::table_start::kind;
  starts_[0].from = kind::latest;
  starts_[1].from = kind::timestamp;
  for (auto i = 0; i < 6; ++i)
    kafka_.produce("k", "v");
  start(2);
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{4, 5}));
  EXPECT_TRUE(logs_[0]->offsets.empty());
  kafka_.produce("k", "v");
  settle();
  EXPECT_EQ(logs_[0]->offsets, (std::vector<std::int64_t>{6}));
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{4, 5, 6}));
  EXPECT_EQ(logs_[1]->closed, (std::vector<kafka::cut>{{4, 6}}))
      << "a cut ends where another table begins";
}

TEST_F(PartitionConsumer, SilverAheadOfKafkaWaitsForAPerson) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {{2, 5}})};
  writers_[0]->answer.offset = 5;
  start();
  EXPECT_NE(reason().find("silver ahead: table table0"), std::string::npos)
      << reason();
  EXPECT_FALSE(kafka_.started);
}

TEST_F(PartitionConsumer, OnlyTheOwnerTellsWhatItFindsAndReplaysWhatWasCut) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {{2, 5}})};
  for (const auto newest : {1, 7}) {
    writers_[0]->answer.offset = newest;
    first_answer_ = commit_status::not_owner;
    start();
    EXPECT_NE(reason().find("is no longer ours"), std::string::npos)
        << reason();
    EXPECT_FALSE(kafka_.started);
    EXPECT_EQ(kafka_.stored.metadata, position(2, {{2, 5}}));
  }
}

TEST_F(PartitionConsumer, ANewEpochIsCommittedBeforeAnythingIsReadUnderIt) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka_.stored = {2, position(2, {})};
  writers_[0]->answer.offset = 5;
  recovery_.silver_ahead = topology::on_silver_ahead::new_epoch;
  start();
  ASSERT_FALSE(kafka_.commits.empty());
  answer();
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "") << "it wants to begin anew";
  EXPECT_FALSE(kafka_.started);
  EXPECT_EQ(kafka_.stored.offset, 0);
  EXPECT_EQ(kafka_.stored.metadata.substr(0, 12), "sluice/2 e=1");
}

TEST_F(PartitionConsumer, AnotherTopicOfTheSameNameIsNoticed) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka::position_metadata metadata;
  metadata.last = kafka::fingerprint{4, 1'000, 12'345};
  metadata.tables = {{kafka::name_hash(name(0)), 5, {}, 0, {}}};
  kafka_.stored = {5, kafka::encode(metadata, 5)};
  start();
  EXPECT_NE(reason().find("orders/0: topic replaced: the record at offset 4"),
            std::string::npos)
      << reason();
  EXPECT_TRUE(log_->offsets.empty());
}

TEST_F(PartitionConsumer, TheRecordBeforeTheFirstIsOnlyCompared) {
  for (auto i = 0; i < 9; ++i)
    kafka_.produce("k", "v");
  kafka::position_metadata metadata;
  metadata.partition_count = 4;
  metadata.last = kafka::fingerprint_of({4, 1'000, "k", "v", {}});
  metadata.tables = {{kafka::name_hash(name(0)), 5, {}, 0, {}}};
  kafka_.stored = {5, kafka::encode(metadata, 5)};
  start();
  EXPECT_EQ(log_->offsets, (std::vector<std::int64_t>{5, 6, 7, 8}));
}

// -- tables on their own ------------------------------------------------------

TEST_F(PartitionConsumer, ATableThatIsRefusedHoldsBackOnlyItself) {
  refuse_the_second_table();
  EXPECT_EQ(logs_[0]->recorded, (std::vector<kafka::cut>{{0, 3}, {3, 5}}));
  EXPECT_EQ(logs_[1]->recorded, (std::vector<kafka::cut>{{0, 3}}));
  EXPECT_EQ(kafka_.stored.offset, 0) << "it holds the offset";
  EXPECT_EQ(reason(), "alive");
}

TEST_F(PartitionConsumer, ATableThatIsMendedIsTakenUpWhereItStayed) {
  refuse_the_second_table();
  pass(std::chrono::seconds{11});
  EXPECT_EQ(reason(), "alive") << "it is refused still";
  writers_[1]->answer.refused.clear();
  pass(std::chrono::seconds{11});
  EXPECT_TRUE(ended_->has_value());
  EXPECT_EQ(reason(), "");
  for (const auto& each : logs_)
    *each = {};
  kafka_.started = false;
  start(2);
  EXPECT_EQ(logs_[1]->offsets, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(logs_[0]->offsets.empty()) << "it has them";
}

TEST_F(PartitionConsumer, ADivisionIsTheTransformersOnceKafkaHasIt) {
  start();
  produce(4);
  pass(tuning_.cut_age);
  answer();
  caf::anon_send(consumer_, split_wanted{0, {0, 4}, {2}, false});
  settle();
  EXPECT_TRUE(log_->splits.empty());
  answer();
  EXPECT_EQ(log_->splits, (std::vector<std::vector<std::int64_t>>{{2}}));
  const auto stored =
      kafka::decode_position_metadata(kafka_.stored.metadata, 0);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->tables.front().splits, std::vector<std::int64_t>{2});
}

TEST_F(PartitionConsumer, ANodesBudgetIsSharedByItsPartitions) {
  memory_ = std::make_shared<memory_budget>(2 * 60);
  for (auto i = 0; i < 2; ++i)
    memory_->join(); // two other partitions
  tuning_.cuts_in_flight = 1;
  start();
  produce(1000);
  EXPECT_LE(memory_->in_use(), 20U + 11U) << "a third of half of it";
  EXPECT_GT(memory_->in_use(), 0U);
}

} // namespace
} // namespace sluice::actors
