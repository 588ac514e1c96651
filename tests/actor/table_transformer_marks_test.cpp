// table_transformer: what gold is told, and when.
#include <gmock/gmock.h>

#include "actors/table_transformer.hpp"
#include "tests/support/actor_test.hpp"

namespace sluice::actors {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t hour = 3'600;
/// 2026-02-20 00:00 UTC.
constexpr std::int64_t midnight = 1'771'545'600;

/// An order of this hour; `op` is c, u, r or d.
std::string order(char op, int id, std::int64_t at) {
  const auto row = R"({"id":)" + std::to_string(id) + R"(,"at":)"
                   + std::to_string(midnight + at * hour) + "}";
  return R"({"before":)" + (op == 'd' ? row : "null") + R"(,"after":)"
         + (op == 'd' ? "null" : row) + R"(,"source":{},"op":")"
         + std::string(1, op) + R"(","ts_ms":1})";
}

/// What the actors around the transformer were told.
struct neighbours {
  std::vector<kafka::cut> written;
  std::vector<rows_ready> rows;
  std::vector<caf::typed_response_promise<rows_answered>> inserts;
  std::vector<caf::typed_response_promise<records_kept>> keeps;
  std::vector<note_windows> notes;
  std::vector<caf::typed_response_promise<windows_noted>> noted;
  std::vector<mark_windows> marks;
  std::vector<caf::typed_response_promise<windows_marked>> marked;
  int refusals = 0;
};

class TableTransformerMarks : public actor_test {
protected:
  void SetUp() override { start("DateTime", {}); }

  /// `computed`: the event time is ClickHouse's to compute.
  void start(const std::string& type, const std::string& computed) {
    log_ = std::make_shared<neighbours>();
    topology::table table;
    table.name = "orders";
    table.topic = "orders";
    table.key = {"id"};
    for (const auto& name : {"id", "at"}) {
      table.columns.emplace_back();
      table.columns.back().name = name;
      table.columns.back().from = name;
    }
    table.columns[0].type = "Int32";
    table.columns[1].type = type;
    table.columns[1].unit = topology::time_unit::s;
    table.columns[1].computed = computed;
    topology::gold sales;
    sales.name = "sales";
    sales.window.every = std::chrono::hours{1};
    sales.window.over_table = "orders";
    sales.window.over_column = "at";

    table_transformer_parts parts{
        std::make_shared<const silver::table_layout>(
            silver::lay_out(table).value()),
        "shop",
        {"orders", 3},
        0,
        5,
        spawn_consumer(),
        spawn_writer(),
        spawn_dead_letters(),
        {},
        metrics_.table("orders"),
        no_reports(),
        marks::feeds_of({sales}, "orders").value(),
        "main",
        spawn_marker(),
        {{"sales", metrics_.gold("sales")}},
        [] {
          return std::chrono::sys_time<std::chrono::milliseconds>{
              std::chrono::seconds{midnight + 24 * hour}};
        }};
    transformer_ = own(system_.spawn(table_transformer, std::move(parts)));
    ended_ = watch(transformer_);
    settle();
  }

  partition_consumer_actor spawn_consumer() {
    return own(system_.spawn(
        [log = log_]() -> partition_consumer_actor::behavior_type {
          return {
              [](const records_available&) {},
              [](const records_decoded&) {},
              [](const flush_due&) {},
              [](const commit_answered&) {},
              [](const retry_due&) {},
              [log](const cut_written& m) { log->written.push_back(m.range); },
              [](const split_wanted&) {},
              [log](const table_refused&) { ++log->refusals; },
              [](const probe_due&) {},
              [](const drain&) {},
              [](const table_reset&) {},
              [](const report_due&) {}};
        }));
  }

  /// A fake that keeps what it is told and a promise for each.
  template <class Message, class Answer>
  auto keeping(std::vector<caf::typed_response_promise<Answer>>& promises,
               std::function<void(const Message&)> told) {
    return [&promises, told, keep = log_](caf::event_based_actor* self) {
      return caf::behavior{[&promises, told, self](const Message& what) {
                             told(what);
                             promises.push_back(
                                 self->make_response_promise<
                                     caf::typed_response_promise<Answer>>());
                             return promises.back();
                           },
                           [](const act& order) { order.what(); }};
    };
  }
  batching_writer_actor spawn_writer() {
    writer_ = own(system_.spawn(keeping<rows_ready, rows_answered>(
        log_->inserts,
        [log = log_](const rows_ready& rows) { log->rows.push_back(rows); })));
    return caf::actor_cast<batching_writer_actor>(writer_);
  }
  dead_letter_writer_actor spawn_dead_letters() {
    dead_letters_ = own(system_.spawn(keeping<records_rejected, records_kept>(
        log_->keeps, [](const records_rejected&) {})));
    return caf::actor_cast<dead_letter_writer_actor>(dead_letters_);
  }
  window_marker_actor spawn_marker() {
    marker_ = own(system_.spawn([log = log_](caf::event_based_actor* self) {
      return caf::behavior{
          [log, self](const note_windows& what) {
            log->notes.push_back(what);
            log->noted.push_back(self->make_response_promise<
                                 caf::typed_response_promise<windows_noted>>());
            return log->noted.back();
          },
          [log, self](const mark_windows& what) {
            log->marks.push_back(what);
            log->marked.push_back(
                self->make_response_promise<
                    caf::typed_response_promise<windows_marked>>());
            return log->marked.back();
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<window_marker_actor>(marker_);
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(transformer_, std::move(message));
    settle();
  }

  /// A cut of these records that is recorded, from `offset_` on.
  void cut(std::vector<std::string> values, bool replayed = false) {
    const auto lo = offset_;
    std::vector<kafka::owned_record> records;
    for (auto& value : values) {
      kafka::owned_record record;
      record.where = {"orders", 3};
      record.offset = offset_++;
      record.timestamp_ms = 1'000;
      record.key = R"({"id":1})";
      record.value = std::move(value);
      records.push_back(std::move(record));
    }
    const auto count = records.size();
    tell(records_fetched{kafka::make_record_batch(std::move(records)), 0, count,
                         static_cast<std::uint64_t>(lo)});
    tell(cut_closed{{lo, offset_}});
    tell(cut_recorded{{lo, offset_}, replayed, {}});
  }
  void insert_answered(std::size_t number,
                       rows_fate fate = rows_fate::written) {
    fulfil(writer_, log_->inserts.at(number), rows_answered{fate, "", false});
  }
  void note_answered(std::size_t number) {
    fulfil(marker_, log_->noted.at(number), windows_noted{});
  }
  void mark_answered(std::size_t number) {
    fulfil(marker_, log_->marked.at(number), windows_marked{});
  }

  static gold::touched_golds hours(std::int64_t first, std::int64_t last) {
    return {{"sales", {{midnight + first * hour, midnight + last * hour}}}};
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<neighbours> log_;
  std::int64_t offset_ = 10;
  caf::actor writer_;
  caf::actor dead_letters_;
  caf::actor marker_;
  table_transformer_actor transformer_;
  std::shared_ptr<std::optional<caf::error>> ended_;
};

TEST_F(TableTransformerMarks, NothingIsFinishedBeforeItsMarkIsInTheLog) {
  cut({order('c', 1, 5), order('c', 2, 6)});
  EXPECT_THAT(log_->notes, IsEmpty()) << "created rows leave no window";
  ASSERT_THAT(log_->rows, SizeIs(1));
  EXPECT_THAT(log_->marks, IsEmpty()) << "marks after the rows";
  insert_answered(0);
  ASSERT_THAT(log_->marks, SizeIs(1));
  EXPECT_EQ(log_->marks[0].mark,
            (gold::cut_mark{{"orders", "orders", 3, 0, 10, 12},
                            hours(5, 7),
                            {{"sales", midnight + 6 * hour}}}));
  EXPECT_THAT(log_->marks[0].questions, IsEmpty());
  EXPECT_THAT(log_->written, IsEmpty()) << "commit after the marks";
  mark_answered(0);
  EXPECT_THAT(log_->written, ElementsAre(kafka::cut{10, 12}));
}

TEST_F(TableTransformerMarks, NothingIsInsertedBeforeItsNoteIsAnswered) {
  cut({order('u', 1, 5)});
  ASSERT_THAT(log_->notes, SizeIs(1));
  EXPECT_EQ(log_->notes[0].cut,
            (gold::cut_name{"orders", "orders", 3, 0, 10, 11}));
  EXPECT_EQ(log_->notes[0].own, hours(5, 6));
  EXPECT_THAT(log_->notes[0].known, IsEmpty());
  ASSERT_THAT(log_->notes[0].questions, SizeIs(1));
  EXPECT_THAT(log_->notes[0].questions[0].sql, HasSubstr("`id` IN (1)"));
  EXPECT_THAT(log_->rows, IsEmpty());
  note_answered(0);
  ASSERT_THAT(log_->rows, SizeIs(1));
}

TEST_F(TableTransformerMarks, ACutLeavesWhatEarlierOnesThatAreUnderWayTouch) {
  cut({order('c', 1, 5)});
  cut({order('c', 2, 7)});
  cut({order('u', 1, 9)});
  ASSERT_THAT(log_->notes, SizeIs(1));
  EXPECT_EQ(
      log_->notes[0].known,
      (gold::touched_golds{{"sales",
                            {{midnight + 5 * hour, midnight + 6 * hour},
                             {midnight + 7 * hour, midnight + 8 * hour}}}}));
  insert_answered(0);
  mark_answered(0);
  cut({order('d', 1, 0)});
  ASSERT_THAT(log_->notes, SizeIs(2));
  EXPECT_EQ(
      log_->notes[1].known,
      (gold::touched_golds{{"sales",
                            {{midnight + 7 * hour, midnight + 8 * hour},
                             {midnight + 9 * hour, midnight + 10 * hour}}}}))
      << "the first is finished";
  EXPECT_THAT(log_->notes[1].own, IsEmpty());
}

TEST_F(TableTransformerMarks, ACutThatOnlyRemovesIsMarkedAllTheSame) {
  cut({order('d', 1, 0)});
  note_answered(0);
  insert_answered(0);
  ASSERT_THAT(log_->marks, SizeIs(1)) << "what it has noted counts from there";
  EXPECT_THAT(log_->marks[0].mark.golds, IsEmpty());
  EXPECT_THAT(log_->written, IsEmpty());
  mark_answered(0);
  EXPECT_THAT(log_->written, SizeIs(1));
}

TEST_F(TableTransformerMarks, ACutWithoutRowsNeedsNoMark) {
  cut({R"({"ts_ms":5})"});
  EXPECT_THAT(log_->rows, IsEmpty());
  EXPECT_THAT(log_->marks, IsEmpty());
  EXPECT_THAT(log_->written, SizeIs(1));
}

TEST_F(TableTransformerMarks, ACutOfTimesOutOfBoundsNeedsNoMark) {
  cut({order('c', 1, 1'000)});
  insert_answered(0);
  EXPECT_THAT(log_->marks, IsEmpty());
  EXPECT_THAT(log_->written, SizeIs(1));
}

TEST_F(TableTransformerMarks, AReplayedCutIsAlwaysMarked) {
  cut({R"({"ts_ms":5})"}, true);
  ASSERT_THAT(log_->marks, SizeIs(1))
      << "whoever had it before may have noted windows or inserted rows";
  EXPECT_THAT(log_->marks[0].questions, SizeIs(1));
  EXPECT_THAT(log_->written, IsEmpty());
  mark_answered(0);
  EXPECT_THAT(log_->written, SizeIs(1));
  cut({order('u', 1, 5)}, true);
  note_answered(0);
  EXPECT_TRUE(log_->rows.back().ask_first);
  insert_answered(0);
  EXPECT_EQ(log_->marks.at(1).mark.golds, hours(5, 6));
  EXPECT_THAT(log_->marks[1].questions, SizeIs(1));
}

// -- cuts that wait -----------------------------------------------------------

TEST_F(TableTransformerMarks, ACutThatMustKnowSilverWaitsForEarlierOnes) {
  start("DateTime", "now()");
  cut({order('c', 1, 0)});
  cut({order('u', 1, 0)});
  cut({order('u', 1, 0)});
  cut({order('c', 2, 0)});
  EXPECT_THAT(log_->rows, SizeIs(1));
  insert_answered(0);
  EXPECT_THAT(log_->marks.at(0).questions, SizeIs(1));
  EXPECT_THAT(log_->notes, IsEmpty()) << "not before the mark";
  mark_answered(0);
  ASSERT_THAT(log_->notes, SizeIs(1));
  EXPECT_EQ(log_->notes[0].cut.lo, 11);
  note_answered(0);
  insert_answered(1);
  mark_answered(1);
  ASSERT_THAT(log_->notes, SizeIs(2));
  EXPECT_EQ(log_->notes[1].cut.lo, 12);
  note_answered(1);
  EXPECT_THAT(log_->rows, SizeIs(4));
  EXPECT_THAT(log_->written,
              ElementsAre(kafka::cut{10, 11}, kafka::cut{11, 12}));
}

TEST_F(TableTransformerMarks, DeadLettersDoNotMixUpWhoWaits) {
  start("DateTime", "now()");
  cut({order('u', 1, 0)});
  cut({order('u', 1, 0), "not json"});
  cut({order('u', 1, 0)});
  fulfil(dead_letters_, log_->keeps.at(0), records_kept{});
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_THAT(log_->notes, SizeIs(i + 1));
    note_answered(i);
    insert_answered(i);
    mark_answered(i);
  }
  EXPECT_THAT(log_->written, ElementsAre(kafka::cut{10, 11}, kafka::cut{11, 13},
                                         kafka::cut{13, 14}));
}

TEST_F(TableTransformerMarks, ACutWhoseLettersAreKeptLateIsStillItsTurn) {
  start("DateTime", "now()");
  cut({order('u', 1, 0)});
  cut({order('u', 1, 0), "not json"});
  note_answered(0);
  insert_answered(0);
  mark_answered(0);
  EXPECT_THAT(log_->notes, SizeIs(1));
  fulfil(dead_letters_, log_->keeps.at(0), records_kept{});
  EXPECT_THAT(log_->notes, SizeIs(2));
}

// -- refused tables -----------------------------------------------------------

TEST_F(TableTransformerMarks, OfARefusedTableNothingIsInsertedOrMarkedAnyMore) {
  cut({order('c', 1, 5)});
  cut({order('c', 2, 5)});
  cut({order('u', 1, 6)});
  cut({order('c', 3, 5), "not json"});
  insert_answered(0);
  ASSERT_THAT(log_->marks, SizeIs(1));
  ASSERT_THAT(log_->rows, SizeIs(2));
  insert_answered(1, rows_fate::refused);
  EXPECT_EQ(log_->refusals, 1);
  mark_answered(0);
  note_answered(0);
  fulfil(dead_letters_, log_->keeps.at(0), records_kept{});
  cut({order('c', 4, 5)});
  EXPECT_THAT(log_->rows, SizeIs(2));
  EXPECT_THAT(log_->marks, SizeIs(1));
  EXPECT_THAT(log_->notes, SizeIs(1));
  EXPECT_THAT(log_->written, IsEmpty());
  EXPECT_FALSE(ended_->has_value());
}

TEST_F(TableTransformerMarks, ACutThatWouldWaitOfARefusedTableDoesNoHarm) {
  start("DateTime", "now()");
  cut({order('c', 1, 0)});
  cut({order('u', 1, 0), "not json"});
  cut({order('u', 1, 0)});
  insert_answered(0, rows_fate::refused);
  fulfil(dead_letters_, log_->keeps.at(0), records_kept{});
  EXPECT_THAT(log_->notes, IsEmpty());
  EXPECT_FALSE(ended_->has_value());
}

TEST_F(TableTransformerMarks, EndsWhenTheMarkerDoes) {
  caf::anon_send_exit(marker_, caf::exit_reason::kill);
  settle();
  cut({order('u', 1, 5)});
  EXPECT_TRUE(ended_->has_value() && log_->rows.empty());
}

} // namespace
} // namespace sluice::actors
