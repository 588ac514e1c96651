#include "actors/table_transformer.hpp"

#include "actors/failure.hpp"
#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

std::string insert_of(int id) {
  return R"({"before":null,"after":{"user_id":)" + std::to_string(id)
         + R"(},"source":{},"op":"c","ts_ms":1})";
}

/// What the actors around the transformer were told.
struct surroundings {
  std::vector<records_decoded> decoded;
  std::vector<kafka::cut> written;
  std::vector<rows_ready> rows;
  std::vector<caf::typed_response_promise<rows_answered>> inserts;
  std::vector<records_rejected> rejected;
  std::vector<caf::typed_response_promise<records_kept>> keeps;
  std::vector<split_wanted> divisions;
  std::vector<table_refused> refusals;
  std::vector<fetch_record> fetches;
  std::optional<kafka::owned_record> fetched;
};

class TableTransformer : public actor_test {
protected:
  void SetUp() override {
    topology::table table;
    table.name = "users";
    table.topic = "postgres.public.users";
    table.key = {"user_id"};
    topology::column id;
    id.name = "user_id";
    id.type = "Int32";
    id.from = "user_id";
    table.columns = {id};
    auto layout = silver::lay_out(table);
    ASSERT_TRUE(layout);
    transformer_ = own(system_.spawn(
        table_transformer,
        table_transformer_parts{
            std::make_shared<const silver::table_layout>(std::move(*layout)),
            "commerce",
            {"postgres.public.users", 3},
            2,
            5,
            spawn_consumer(),
            spawn_writer(),
            spawn_dead_letters(),
            spawn_records(),
            metrics_.table("users"),
            no_reports()}));
    ended_ = watch(transformer_);
    settle();
  }

  partition_consumer_actor spawn_consumer() {
    auto log = log_;
    return own(
        system_.spawn([log]() -> partition_consumer_actor::behavior_type {
          return {
              [](const records_available&) {},
              [log](const records_decoded& m) { log->decoded.push_back(m); },
              [](const flush_due&) {},
              [](const commit_answered&) {},
              [](const retry_due&) {},
              [log](const cut_written& m) { log->written.push_back(m.range); },
              [log](const split_wanted& m) { log->divisions.push_back(m); },
              [log](const table_refused& m) { log->refusals.push_back(m); },
              [](const probe_due&) {},
              [](const drain&) {},
              [](const table_reset&) {},
              [](const report_due&) {}};
        }));
  }
  batching_writer_actor spawn_writer() {
    auto log = log_;
    writer_ = own(system_.spawn([log](caf::event_based_actor* self) {
      return caf::behavior{
          [log, self](const rows_ready& rows) {
            log->rows.push_back(rows);
            log->inserts.push_back(
                self->make_response_promise<
                    caf::typed_response_promise<rows_answered>>());
            return log->inserts.back();
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<batching_writer_actor>(writer_);
  }
  dead_letter_writer_actor spawn_dead_letters() {
    auto log = log_;
    dead_letters_ = own(system_.spawn([log](caf::event_based_actor* self) {
      return caf::behavior{
          [log, self](const records_rejected& message) {
            log->rejected.push_back(message);
            log->keeps.push_back(self->make_response_promise<
                                 caf::typed_response_promise<records_kept>>());
            return log->keeps.back();
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<dead_letter_writer_actor>(dead_letters_);
  }

  record_fetcher_actor spawn_records() {
    auto log = log_;
    return own(system_.spawn([log]() -> record_fetcher_actor::behavior_type {
      return {[log](const fetch_record& what) {
                log->fetches.push_back(what);
                return record_fetched{log->fetched};
              },
              [](const find_offset&) { return offset_found{}; },
              [](const find_retention&) { return retention_told{}; }};
    }));
  }

  /// ClickHouse's word on the newest attempt.
  void answer(rows_fate fate, const std::string& reason = {}) {
    fulfil(writer_, log_->inserts.back(), rows_answered{fate, reason, false});
  }
  [[nodiscard]] kafka::cut newest_piece() const {
    return log_->rows.back().piece;
  }
  /// A cut of four rows that ClickHouse refuses.
  void begin_cut_of_four(rows_fate fate) {
    fetch(10, {insert_of(1), insert_of(2), insert_of(3), insert_of(4)});
    tell(cut_closed{{10, 14}});
    tell(cut_recorded{{10, 14}, false, {}});
    answer(fate, "because");
  }
  void record_division() {
    const auto wanted = log_->divisions.back();
    tell(split_recorded{wanted.range, wanted.splits});
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(transformer_, std::move(message));
    settle();
  }

  void fetch(std::int64_t first_offset, std::vector<std::string> values) {
    std::vector<kafka::owned_record> records;
    for (auto& value : values) {
      kafka::owned_record record;
      record.where = {"postgres.public.users", 3};
      record.offset = first_offset++;
      record.timestamp_ms = 1000;
      record.key = R"({"user_id":1})";
      record.value = std::move(value);
      records.push_back(std::move(record));
    }
    const auto count = records.size();
    tell(records_fetched{kafka::make_record_batch(std::move(records)), 0, count,
                         next_batch_++});
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<surroundings> log_ = std::make_shared<surroundings>();
  std::uint64_t next_batch_ = 7;
  caf::actor writer_;
  caf::actor dead_letters_;
  table_transformer_actor transformer_;
  std::shared_ptr<std::optional<caf::error>> ended_;
};

TEST_F(TableTransformer, HandsOverABlockOnlyWhenItsCutIsRecorded) {
  fetch(10, {insert_of(1), insert_of(2)});
  tell(cut_closed{{10, 12}});
  EXPECT_TRUE(log_->rows.empty());
  tell(cut_recorded{{10, 12}, false, {}});
  ASSERT_EQ(log_->rows.size(), 1U);
  EXPECT_EQ(log_->rows[0].rows->rows(), 2U);
  EXPECT_EQ(log_->rows[0].token,
            "commerce/users/postgres.public.users/3/2/10-12");
  EXPECT_TRUE(log_->written.empty());
  fulfil(writer_, log_->inserts[0], rows_answered{});
  EXPECT_EQ(log_->written, (std::vector<kafka::cut>{{10, 12}}));
}

TEST_F(TableTransformer, TellsWhatEachBatchHasBecome) {
  fetch(10, {insert_of(1), insert_of(2)});
  fetch(12, {insert_of(3)});
  fetch(13, {"not json"});
  ASSERT_EQ(log_->decoded.size(), 3U);
  EXPECT_EQ(log_->decoded[0].number, 7U);
  EXPECT_EQ(log_->decoded[2].number, 9U);
  EXPECT_GT(log_->decoded[1].bytes, 0U);
  EXPECT_EQ(log_->decoded[0].bytes, 2 * log_->decoded[1].bytes);
  EXPECT_GE(log_->decoded[2].bytes, 8U) << "its dead letter";
}

TEST_F(TableTransformer, AnswersWhatItDropsToo) {
  fetch(0, {insert_of(1)});
  tell(cut_closed{{0, 1}});
  tell(cut_recorded{{0, 1}, false, {}});
  answer(rows_fate::refused);
  fetch(1, {insert_of(2)});
  ASSERT_EQ(log_->decoded.size(), 2U);
  EXPECT_EQ(log_->decoded[1].bytes, 0U);
}

TEST_F(TableTransformer, ACutWithoutRowsIsWrittenAtOnce) {
  fetch(0, {R"({"ts_ms":5})"}); // a heartbeat
  tell(cut_closed{{0, 1}});
  tell(cut_recorded{{0, 1}, false, {}});
  EXPECT_TRUE(log_->rows.empty());
  EXPECT_EQ(log_->written.size(), 1U);
}

TEST_F(TableTransformer, KeepsDeadLettersBeforeItWritesTheRest) {
  fetch(0, {insert_of(1), "not json", insert_of(2)});
  tell(cut_closed{{0, 3}});
  tell(cut_recorded{{0, 3}, false, {}});
  ASSERT_EQ(log_->rejected.size(), 1U);
  ASSERT_EQ(log_->rejected[0].dead_letters->size(), 1U);
  const auto& letter = log_->rejected[0].dead_letters->front();
  EXPECT_EQ(letter.value, "not json");
  EXPECT_EQ(letter.key, R"({"user_id":1})");
  std::map<std::string, std::string> headers;
  for (const auto& each : letter.headers)
    headers[each.name] = each.value.value_or("");
  EXPECT_EQ(headers["sluice.topic"], "postgres.public.users");
  EXPECT_EQ(headers["sluice.partition"], "3");
  EXPECT_EQ(headers["sluice.offset"], "1");
  EXPECT_EQ(headers["sluice.table"], "users");
  EXPECT_EQ(headers["sluice.reason"], "not_json");
  EXPECT_FALSE(headers["sluice.detail"].empty());
  EXPECT_TRUE(log_->rows.empty()) << "not before they are kept";
  fulfil(dead_letters_, log_->keeps[0], records_kept{});
  ASSERT_EQ(log_->rows.size(), 1U);
  EXPECT_EQ(log_->rows[0].rows->rows(), 2U);
}

TEST_F(TableTransformer, RecordsOfTheNextCutDoNotLeakIntoThisOne) {
  fetch(0, {insert_of(1)});
  tell(cut_closed{{0, 1}});
  fetch(1, {insert_of(2), insert_of(3)});
  tell(cut_recorded{{0, 1}, false, {}});
  tell(cut_closed{{1, 3}});
  tell(cut_recorded{{1, 3}, false, {}});
  ASSERT_EQ(log_->rows.size(), 2U);
  EXPECT_EQ(log_->rows[0].rows->rows(), 1U);
  EXPECT_EQ(log_->rows[1].rows->rows(), 2U);
}

TEST_F(TableTransformer, EndsWhenItsWriterIsDead) {
  fetch(0, {insert_of(1)});
  tell(cut_closed{{0, 1}});
  caf::anon_send_exit(writer_, caf::exit_reason::kill);
  settle();
  tell(cut_recorded{{0, 1}, false, {}});
  EXPECT_TRUE(ended_->has_value());
  EXPECT_TRUE(log_->written.empty());
}

TEST_F(TableTransformer, DividesABlockOnlyOnceKafkaKnowsThePieces) {
  begin_cut_of_four(rows_fate::too_large);
  ASSERT_EQ(log_->divisions.size(), 1U);
  EXPECT_EQ(log_->divisions[0].table, 5U);
  EXPECT_EQ(log_->divisions[0].splits, std::vector<std::int64_t>{12});
  EXPECT_TRUE(log_->divisions[0].too_large);
  EXPECT_EQ(log_->rows.size(), 1U) << "no piece before that";
  record_division();
  ASSERT_EQ(log_->rows.size(), 2U);
  EXPECT_EQ(log_->rows[1].token,
            "commerce/users/postgres.public.users/3/2/10-12");
  EXPECT_EQ(newest_piece(), (kafka::cut{10, 12}));
  EXPECT_TRUE(log_->rows[1].ask_first)
      << "a refused block may be there in part";
  answer(rows_fate::written);
  EXPECT_EQ(newest_piece(), (kafka::cut{12, 14}));
  EXPECT_TRUE(log_->written.empty());
  answer(rows_fate::written);
  EXPECT_EQ(log_->written, (std::vector<kafka::cut>{{10, 14}}));
}

TEST_F(TableTransformer, FindsTheGuiltyRowAndWritesTheRest) {
  log_->fetched = kafka::owned_record{
      {"postgres.public.users", 3}, 11, 1'000, "key", "value", {}};
  begin_cut_of_four(rows_fate::rejected);
  record_division();
  answer(rows_fate::rejected, "because"); // 10-12
  EXPECT_EQ(log_->divisions.back().splits, (std::vector<std::int64_t>{11, 12}));
  record_division();
  answer(rows_fate::written); // 10-11
  EXPECT_EQ(newest_piece(), (kafka::cut{11, 12}));
  answer(rows_fate::rejected, "constraint");
  ASSERT_EQ(log_->fetches.size(), 1U);
  EXPECT_EQ(log_->fetches[0].offset, 11);
  ASSERT_EQ(log_->rejected.size(), 1U);
  const auto& letter = log_->rejected[0].dead_letters->front();
  EXPECT_EQ(letter.value, "value");
  std::map<std::string, std::string> headers;
  for (const auto& each : letter.headers)
    headers[each.name] = each.value.value_or("");
  EXPECT_EQ(headers["sluice.reason"], "clickhouse_rejected");
  EXPECT_EQ(headers["sluice.detail"], "constraint");
  EXPECT_EQ(headers["sluice.offset"], "11");
  EXPECT_EQ(newest_piece(), (kafka::cut{11, 12})) << "the letter is kept first";
  fulfil(dead_letters_, log_->keeps[0], records_kept{});
  EXPECT_EQ(newest_piece(), (kafka::cut{12, 14}));
  answer(rows_fate::written);
  EXPECT_EQ(log_->written, (std::vector<kafka::cut>{{10, 14}}));
}

TEST_F(TableTransformer, ARecordThatIsGoneLeavesAtLeastItsOffset) {
  fetch(10, {insert_of(1)});
  tell(cut_closed{{10, 11}});
  tell(cut_recorded{{10, 11}, false, {}});
  answer(rows_fate::rejected, "constraint");
  ASSERT_EQ(log_->rejected.size(), 1U);
  const auto& letter = log_->rejected[0].dead_letters->front();
  EXPECT_EQ(letter.value, std::nullopt);
  std::map<std::string, std::string> headers;
  for (const auto& each : letter.headers)
    headers[each.name] = each.value.value_or("");
  EXPECT_EQ(headers["sluice.offset"], "10");
  EXPECT_NE(headers["sluice.detail"].find("only its offset"),
            std::string::npos);
}

TEST_F(TableTransformer, AnIntentOfAFormerLifeIsAskedForAndKeepsItsPieces) {
  fetch(10, {insert_of(1), insert_of(2), insert_of(3), insert_of(4)});
  tell(cut_closed{{10, 14}});
  tell(cut_recorded{{10, 14}, true, {13}});
  EXPECT_EQ(newest_piece(), (kafka::cut{10, 13}));
  EXPECT_TRUE(log_->rows.back().ask_first);
  EXPECT_TRUE(log_->rows.back().tried_before);
}

TEST_F(TableTransformer, ARejectionThatIsBelievedEndsTheWaitForFormerLives) {
  fetch(10, {insert_of(1), insert_of(2), insert_of(3), insert_of(4)});
  tell(cut_closed{{10, 14}});
  tell(cut_recorded{{10, 14}, true, {}});
  EXPECT_TRUE(log_->rows.back().tried_before);
  answer(rows_fate::rejected, "constraint");
  record_division();
  EXPECT_TRUE(log_->rows.back().ask_first);
  EXPECT_FALSE(log_->rows.back().tried_before)
      << "each half would wait as long again";
}

TEST_F(TableTransformer, ARefusedTableDropsWhatComes) {
  begin_cut_of_four(rows_fate::refused);
  ASSERT_EQ(log_->refusals.size(), 1U);
  EXPECT_EQ(log_->refusals[0].table, 5U);
  EXPECT_EQ(log_->refusals[0].reason, "because");
  fetch(14, {insert_of(5)});
  tell(cut_closed{{14, 15}});
  tell(cut_recorded{{14, 15}, false, {}});
  EXPECT_EQ(log_->rows.size(), 1U);
  EXPECT_TRUE(log_->written.empty());
  EXPECT_FALSE(ended_->has_value());
}

} // namespace
} // namespace sluice::actors
