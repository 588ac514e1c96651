// Writes one table: keeps the blocks that wait, inserts several at once, and
// repeats what failed, always the same block under the same token.
#pragma once

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
  /// Makes one inserter; called `inserters` times.
  std::function<inserter_actor()> spawn_inserter;
  std::size_t inserters = 1;
  status::table_metrics metrics;
  metrics_actor reports;
  wall_clock now = system_wall_clock;
};

class batching_writer_state {
public:
  static inline const char* name = "batching_writer";
  using promise = caf::typed_response_promise<rows_written>;

  explicit batching_writer_state(batching_writer_actor::pointer self)
      : self_{self} {}

  void start(batching_writer_parts parts);
  promise enqueue(const rows_ready& work, promise answer);
  void retry();
  void report();

private:
  struct job {
    rows_ready work;
    std::vector<promise> waiting;
  };
  using job_ptr = std::shared_ptr<job>;

  void dispatch();
  void insert(const job_ptr& next, const inserter_actor& inserter);
  void succeeded(const job_ptr& done);
  void failed(const job_ptr& again, const clickhouse::error& error);

  batching_writer_actor::pointer self_;
  std::optional<batching_writer_parts> parts_;
  std::vector<inserter_actor> idle_;
  /// Bounded by the credit of the partitions: each has at most its cuts in
  /// flight here, and a block that comes again joins the one that waits.
  std::deque<job_ptr> queue_;
  std::vector<job_ptr> inserting_;
  backoff wait_{std::chrono::seconds{1}, std::chrono::seconds{30}};
  bool held_ = false;
  status::table_state state_ = status::table_state::running;
  std::string reason_;
  std::uint64_t rows_written_ = 0;
  std::optional<status::instant> last_write_;
};

batching_writer_actor::behavior_type batching_writer(
    batching_writer_actor::stateful_pointer<batching_writer_state> self,
    batching_writer_parts parts);

} // namespace sluice::actors
