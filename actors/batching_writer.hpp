// Writes one table: keeps the blocks that wait, inserts several at once, and
// repeats what failed, always the same rows under the same token.
//
//   waiting ─► (asking silver) ─► inserting ─► written
//      ▲                             │
//      ├── backoff ── retry, unknown ┤
//      └── rejected, but an earlier ─┤
//          attempt may still run     └─► too large / rejected / refused: the
//                                        transformer's business
//
// The backoff is the table's, because what is to be retried ails the server;
// waiting for earlier attempts is the block's own, and the others go on.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "actors/wall_clock.hpp"
#include "status/metrics.hpp"

namespace sluice::actors {

struct batching_writer_parts {
  std::string table;
  /// Of `_offset` in the table's blocks.
  std::size_t offset_column = 0;
  /// Makes one inserter; called `inserters` times.
  std::function<inserter_actor()> spawn_inserter;
  std::size_t inserters = 1;
  /// How long a statement may still run in ClickHouse after nobody waits for it
  /// any more.
  std::chrono::milliseconds insert_lifetime{std::chrono::minutes{10}};
  status::table_metrics metrics;
  metrics_actor reports;
  wall_clock now = system_wall_clock;
  /// Does nothing before it was told whether the table is paused.
  bool awaits_word = false;
};

class batching_writer_state {
public:
  static inline const char* name = "batching_writer";
  /// Why rows are refused that were read before the table's last reset.
  static inline const char* was_reset = "the table was reset";
  using promise = caf::typed_response_promise<rows_answered>;
  using newest_promise = caf::typed_response_promise<newest_found>;

  explicit batching_writer_state(batching_writer_actor::pointer self)
      : self_{self} {}

  void start(batching_writer_parts parts);
  promise enqueue(const rows_ready& work, promise answer);
  newest_promise find(const find_newest& what, newest_promise answer);
  void retry();
  void take_up_outlasted();
  void handle(const pause_told& told);
  void report();

private:
  struct job {
    rows_ready work;
    std::vector<promise> waiting;
    /// Rows to insert once silver has told which are missing; empty: all.
    std::vector<kafka::cut> missing;
    /// Silver is to be asked before the next attempt.
    bool must_ask = false;
    bool crowded = false;
    /// When someone was last sent these rows without a certain answer.
    std::optional<caf::actor_clock::time_point> unknown_since;
  };
  using job_ptr = std::shared_ptr<job>;
  struct question {
    find_newest what;
    newest_promise answer;
  };

  void dispatch();
  void run(const job_ptr& next, const inserter_actor& inserter);
  void ask(const job_ptr& next, const inserter_actor& inserter);
  void insert(const job_ptr& next, const inserter_actor& inserter);
  void ask(const question& next, const inserter_actor& inserter);
  [[nodiscard]] bool plan(const job_ptr& next,
                          const std::vector<std::int64_t>& there);
  void succeeded(const job_ptr& done, std::size_t rows);
  void failed(const job_ptr& again, const clickhouse::error& error);
  void answer(const job_ptr& of, rows_fate fate, const std::string& reason);
  [[nodiscard]] rows_fate verdict(const job& of,
                                  const clickhouse::error& error) const;
  [[nodiscard]] bool outlasts_attempts(const job& of) const;
  void set_aside(const job_ptr& rejected, const std::string& reason);
  [[nodiscard]] std::size_t rows_of(const job& of) const;
  void answer(newest_promise to);
  [[nodiscard]] find_newest of_this_life(find_newest what) const;
  [[nodiscard]] bool is_of_former_life(const rows_ready& work) const;
  void drop_former_life();
  enum class refused { insert, question };
  std::string refuse(refused what, const clickhouse::error& error);
  void hold(const std::string& reason);
  void tell_state(status::table_state state, const std::string& reason);

  batching_writer_actor::pointer self_;
  std::optional<batching_writer_parts> parts_;
  std::vector<inserter_actor> idle_;
  /// Bounded by the credit of the partitions: each has at most its cuts in
  /// flight here, and a block that comes again joins the one that waits.
  std::deque<job_ptr> queue_;
  std::vector<job_ptr> working_;
  /// Rejected while an earlier attempt may still run: bounded like queue_.
  std::vector<job_ptr> set_aside_;
  /// At most one a partition.
  std::deque<question> questions_;
  backoff wait_{std::chrono::seconds{1}, std::chrono::seconds{30}};
  bool held_ = false;
  bool untold_ = false;
  /// Why a person has paused the table; empty: it is not.
  std::string paused_;
  /// Of the table's last reset: rows of an earlier one are of a former life.
  std::uint16_t epoch_ = 0;
  /// After a refused insert nobody is let in for a while: a question may be
  /// answered although an insert is refused.
  backoff refusal_wait_{std::chrono::seconds{30}, std::chrono::minutes{10}};
  std::optional<caf::actor_clock::time_point> refused_until_;
  status::table_state state_ = status::table_state::running;
  std::string reason_;
  std::uint64_t rows_written_ = 0;
  std::optional<status::instant> last_write_;
};

batching_writer_actor::behavior_type batching_writer(
    batching_writer_actor::stateful_pointer<batching_writer_state> self,
    batching_writer_parts parts);

} // namespace sluice::actors
