// A fixture with one batching writer and inserters that wait for the test.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/batching_writer.hpp"
#include "tests/support/actor_test.hpp"

namespace sluice::actors {
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
  std::vector<ask_newest> newest_asked;
  /// What silver answers.
  std::vector<std::int64_t> there;
  tl::expected<std::optional<std::int64_t>, clickhouse::error> newest =
      std::optional<std::int64_t>{};
};

/// Rows at these offsets.
inline silver::block_ptr block_of(std::vector<std::int64_t> offsets) {
  silver::block_builder builder{
      {{"_offset", *silver::parse_column_type("Int64")}}};
  for (const auto each : offsets) {
    builder.column(0).append(each);
    builder.commit_row();
  }
  return builder.finish();
}

inline clickhouse::error network_error() {
  return {clickhouse::remedy::retry, 0, true, "connection reset"};
}

class writer_test : public actor_test {
protected:
  void start(std::size_t inserters = 1, bool awaits_word = false) {
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
            [log](const ask_newest& what) {
              log->newest_asked.push_back(what);
              return newest_told{log->newest};
            },
            [](const act& order) { order.what(); }};
      }));
      return caf::actor_cast<inserter_actor>(fake);
    };
    writer_ = own(system_.spawn(
        batching_writer,
        batching_writer_parts{"users", 0, spawn, inserters,
                              std::chrono::minutes{10}, metrics_.table("users"),
                              reports(), [] { return status::instant{}; },
                              awaits_word}));
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
              [](const actor_failed&) {},
              [](const actor_recovered&) {},
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
    return send_question({});
  }
  std::shared_ptr<std::optional<newest_found>> send_question(find_newest what) {
    auto result = std::make_shared<std::optional<newest_found>>();
    own(system_.spawn(
        [result, what, writer = writer_](caf::event_based_actor* self) {
          self->request(writer, caf::infinite, what)
              .then([result](const newest_found& m) { *result = m; },
                    [](caf::error&) {});
          return caf::behavior{[](caf::unit_t) {}};
        }));
    settle();
    return result;
  }

  void tell(pause_told what) {
    caf::anon_send(writer_, std::move(what));
    settle();
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

} // namespace sluice::actors
