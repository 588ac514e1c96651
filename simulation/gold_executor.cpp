#include "simulation/gold_executor.hpp"

#include <memory>
#include <utility>

namespace sluice::simulation {

namespace {

using namespace actors;
using clickhouse::remedy;
using failure = gold_server::failure;

/// One run: gold/runner.cpp, step by step.
class run : public std::enable_shared_from_this<run> {
public:
  using promise = caf::typed_response_promise<window_finished>;

  run(caf::actor_addr me, const process* of, gold_server& server, stage& on,
      run_window order, promise answer)
      : me_{std::move(me)}, of_{of}, server_{server}, on_{on},
        order_{std::move(order)}, answer_{std::move(answer)} {
    entry_.gold = order_.gold;
    entry_.what = order_.request.what;
    entry_.run_id = order_.request.run_id;
    entry_.attempt = order_.request.attempt;
    entry_.trigger = order_.request.trigger;
    entry_.node = order_.request.node;
    entry_.started_at = on_.wall();
  }

  void start() {
    record(2, [this](const failure& failed) {
      if (failed)
        end(failed);
      else
        fill();
    });
  }

private:
  /// Takes a reply to the actor, where `next` goes on; the run lives until
  /// then.
  [[nodiscard]] gold_server::reply
  then(std::function<void(const failure&)> next) {
    return [self = shared_from_this(),
            next = std::move(next)](const failure& failed) {
      tell<simulated_executor_actor>(self->me_,
                                     [self, next, failed] { next(failed); });
    };
  }

  /// The ledger's row as it stands, written again if that fails.
  void record(int attempts, const std::function<void(const failure&)>& next) {
    if (!of_->is_alive())
      return;
    server_.record(entry_, then([this, attempts, next](const failure& failed) {
                     if (failed && failed->what == remedy::retry
                         && attempts > 1)
                       record(attempts - 1, next);
                     else
                       next(failed);
                   }));
  }

  void fill() {
    if (!of_->is_alive())
      return;
    server_.fill(order_, [self = shared_from_this()](const failure& failed,
                                                     std::size_t rows) {
      tell<simulated_executor_actor>(self->me_, [self, failed, rows] {
        self->result_.rows = rows;
        if (failed)
          self->drop(failed);
        else
          self->replace();
      });
    });
  }

  void replace() {
    if (!of_->is_alive())
      return;
    server_.replace(order_, then([this](const failure& failed) {
                      if (failed)
                        drop(failed);
                      else
                        forget();
                    }));
  }

  void forget() {
    if (!of_->is_alive())
      return;
    server_.forget_replaced(
        order_, then([this](const failure&) { drop(std::nullopt); }));
  }

  void drop(const failure& failed) {
    if (!of_->is_alive())
      return;
    entry_.duration = on_.wall() - entry_.started_at;
    server_.drop_staging(entry_.run_id,
                         then([this, failed](const failure&) { end(failed); }));
  }

  void end(const failure& failed) {
    entry_.state = failed ? gold::run_state::failed : gold::run_state::done;
    entry_.rows = failed ? 0 : result_.rows;
    record(2, [this, failed](const failure&) {
      if (failed)
        answer_.deliver(window_finished{tl::make_unexpected(*failed)});
      else
        answer_.deliver(window_finished{result_});
    });
  }

  caf::actor_addr me_;
  const process* of_;
  gold_server& server_;
  stage& on_;
  run_window order_;
  promise answer_;
  gold::ledger_entry entry_;
  gold::run_result result_;
};

} // namespace

simulated_executor_actor::behavior_type
gold_executor(simulated_executor_actor::pointer self, const process* of,
              gold_server* server, stage* on) {
  const auto me = self->address();
  return {
      [=](const run_window& order) {
        auto answer = self->make_response_promise<run::promise>();
        std::make_shared<run>(me, of, *server, *on, order, answer)->start();
        return answer;
      },
      [=](const read_ledger&) {
        auto answer = self->make_response_promise<
            caf::typed_response_promise<ledger_read>>();
        if (of->is_alive())
          server->read_ledger([me, answer](const ledger_read& read) {
            tell<simulated_executor_actor>(
                me, [answer, read]() mutable { answer.deliver(read); });
          });
        return answer;
      },
      [=](const read_snapshot&) {
        auto answer = self->make_response_promise<
            caf::typed_response_promise<snapshot_read>>();
        if (of->is_alive())
          server->read_state([me, answer](const snapshot_read& read) {
            tell<simulated_executor_actor>(
                me, [answer, read]() mutable { answer.deliver(read); });
          });
        return answer;
      },
      [=](const save_snapshot& what) {
        auto answer = self->make_response_promise<
            caf::typed_response_promise<snapshot_saved>>();
        if (of->is_alive())
          server->save_state(what, [me, answer](const failure& failed) {
            tell<simulated_executor_actor>(me, [answer, failed]() mutable {
              answer.deliver(snapshot_saved{failed});
            });
          });
        return answer;
      },
      [](const proceed& go_on) { go_on.next(); },
  };
}

} // namespace sluice::simulation
