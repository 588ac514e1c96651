#include "cli/gold_backfill.hpp"

#include <atomic>
#include <charconv>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <unistd.h>

#include "cli/arguments.hpp"
#include "cli/messages.hpp"
#include "cli/pipeline_controls.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "gold/control_records.hpp"
#include "gold/ledger.hpp"
#include "gold/runner.hpp"
#include "gold/statements.hpp"

namespace sluice::cli {

namespace {

constexpr std::chrono::milliseconds look_again{300};
/// By then a coordinator that leads has begun.
constexpr std::chrono::seconds first_run_within{30};

gold::instant clock_now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

std::string window_line(const std::string& gold, const gold::window& what,
                        std::uint64_t rows, std::chrono::milliseconds took) {
  return gold + ' ' + to_string(what) + ": " + std::to_string(rows)
         + (rows == 1 ? " row in " : " rows in ") + std::to_string(took.count())
         + " ms";
}

tl::expected<gold::instant, clickhouse::error>
server_now(clickhouse::client& on) {
  clickhouse::query_request request;
  request.sql = gold::statements::server_clock();
  request.format = "TabSeparated";
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::int64_t count = 0;
  std::from_chars(answer->data(), answer->data() + answer->size(), count);
  return gold::instant{std::chrono::milliseconds{count}};
}

/// What the ledger says of windows that were asked for.
class follower {
public:
  follower(const backfill& wanted, clickhouse::client& on, gold::instant since)
      : wanted_{wanted}, on_{on}, since_{since},
        shown_{std::cout, isatty(STDOUT_FILENO) == 1, wanted.windows.size()} {}

  int follow() {
    const auto began = std::chrono::steady_clock::now();
    while (shown_.done() < wanted_.windows.size()) {
      if (const auto failure = look())
        return fail(explain(*failure));
      if (last_.empty()
          && std::chrono::steady_clock::now() - began > first_run_within)
        return fail("no node has begun in "
                    + std::to_string(first_run_within.count())
                    + " s. The windows stay asked for: they are run as soon "
                      "as a node leads (`sluice status`)");
      std::this_thread::sleep_for(look_again);
    }
    return exit_code_;
  }

private:
  std::optional<clickhouse::error> look() {
    const auto runs = gold::read_runs_since(
        on_, wanted_.what.clickhouse.database, wanted_.gold.name,
        {wanted_.windows.front().start, wanted_.windows.back().end}, since_);
    if (!runs)
      return runs.error();
    for (const auto& each : *runs)
      see(each);
    return std::nullopt;
  }

  void see(const gold::ledger_entry& run) {
    auto& last = last_[run.what];
    if (last == std::pair{run.run_id, run.state} || done_.contains(run.what))
      return;
    last = {run.run_id, run.state};
    if (run.state == gold::run_state::done) {
      done_.insert(run.what);
      shown_.add(window_line(run.gold, run.what, run.rows, run.duration));
    } else if (run.state == gold::run_state::failed) {
      see_failure(run);
    }
  }

  void see_failure(const gold::ledger_entry& run) {
    const auto line = run.gold + ' ' + to_string(run.what) + ": attempt "
                      + std::to_string(run.attempt) + " failed: " + run.error;
    if (run.attempt <= wanted_.gold.retry.attempts) {
      shown_.tell(line + "; it is tried again");
      return;
    }
    done_.insert(run.what);
    exit_code_ = exit_failure;
    shown_.add(line + "; what was published before stays");
  }

  const backfill& wanted_;
  clickhouse::client& on_;
  gold::instant since_;
  progress shown_;
  std::map<gold::window, std::pair<std::string, gold::run_state>> last_;
  std::set<gold::window> done_;
  int exit_code_ = exit_ok;
};

/// The greatest run id of the gold, behind which the new ones belong.
tl::expected<std::string, clickhouse::error>
newest_run(clickhouse::client& on, const backfill& wanted) {
  const auto runs = gold::read_newest_runs(on, wanted.what.clickhouse.database);
  if (!runs)
    return tl::unexpected(runs.error());
  std::string newest;
  for (const auto& each : *runs)
    if (each.gold == wanted.gold.name)
      newest = std::max(newest, each.run_id);
  return newest;
}

/// Threads that take the next window until one fails.
class local_runs {
public:
  local_runs(const backfill& wanted, std::string newest)
      : wanted_{wanted}, newest_{std::move(newest)},
        shown_{std::cout, isatty(STDOUT_FILENO) == 1, wanted.windows.size()} {}

  int run(std::size_t parallel) {
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < parallel; ++i)
        threads.emplace_back([this] { work(); });
      work();
    }
    return failure_.empty() ? exit_ok : fail(failure_);
  }

private:
  void work() {
    const auto& database = wanted_.what.clickhouse.database;
    const auto client = wanted_.access.connect(database);
    while (const auto* what = take()) {
      gold::run_request request;
      request.what = *what;
      request.trigger = "manual";
      request.run_id = gold::make_run_id_after(newest_, clock_now());
      request.node = process_name();
      const auto done =
          gold::run_window(*client, database, wanted_.gold, request, clock_now);
      const std::lock_guard lock{mutex_};
      if (done)
        shown_.add(
            window_line(wanted_.gold.name, *what, done->rows, done->duration));
      else if (failure_.empty())
        failure_ = "window " + to_string(*what) + " of gold "
                   + wanted_.gold.name + " failed: " + explain(done.error())
                   + "; what was published before stays. Go on with --from "
                   + gold::format_instant(what->start);
      if (done && !done->warning.empty())
        note(done->warning);
    }
  }

  const gold::window* take() {
    const std::lock_guard lock{mutex_};
    if (!failure_.empty() || next_ == wanted_.windows.size())
      return nullptr;
    return &wanted_.windows[next_++];
  }

  const backfill& wanted_;
  std::string newest_;
  std::mutex mutex_;
  progress shown_;
  std::size_t next_ = 0;
  std::string failure_;
};

} // namespace

int run_by_coordinator(const backfill& wanted,
                       const kafka::broker_address& at) {
  const auto log = visit_controls(at, wanted.what);
  if (!log)
    return fail(log.error());
  const auto client = wanted.access.connect(wanted.what.clickhouse.database);
  const auto since = server_now(*client);
  if (!since)
    return fail(explain(since.error()));
  const auto asked =
      append(**log, gold::encode(gold::run_requested{
                        wanted.gold.name, wanted.windows.front().start,
                        wanted.windows.back().end, process_name()}));
  if (!asked)
    return fail(asked.error());
  return follower{wanted, *client, *since}.follow();
}

int run_here(const backfill& wanted, std::size_t parallel) {
  const auto client = wanted.access.connect(wanted.what.clickhouse.database);
  const auto newest = newest_run(*client, wanted);
  if (!newest)
    return fail(explain(newest.error()));
  // Two runs that replace the same partition would lose one's rows.
  const auto alone = wanted.gold.partition != topology::gold_partition::window;
  return local_runs{wanted, *newest}.run(alone ? 1 : parallel);
}

} // namespace sluice::cli
