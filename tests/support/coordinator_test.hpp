// A coordinator between fakes: executors that wait for the test to answer, a
// ledger, and a control log that is answered after a moment.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/coordinator.hpp"
#include "gold/control_records.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_control_log.hpp"

namespace sluice::actors {

using namespace std::chrono_literals;

inline gold::instant at(const std::string& text) {
  return gold::parse_utc(text).value();
}

/// The UTC day that begins then.
inline gold::window day_of(const std::string& text) {
  const auto start = gold::parse_utc(text).value();
  return {start, start + std::chrono::days{1}};
}

/// Runs that wait for the test to answer them, and what ClickHouse has.
struct fake_ledger {
  using run_promise = caf::typed_response_promise<window_finished>;
  using state_promise = caf::typed_response_promise<snapshot_read>;
  std::vector<run_window> runs;
  std::vector<std::pair<caf::actor, run_promise>> pending;
  int ledger_reads = 0;
  std::optional<clickhouse::error> ledger_error;
  std::vector<gold::ledger_entry> entries;
  std::vector<unsound_window> unsound;
  int state_reads = 0;
  std::optional<clickhouse::error> state_error;
  gold::saved_state state;
  /// Answers are held back, to be given later.
  bool holds_state = false;
  std::vector<state_promise> states;
  std::vector<gold::saved_state> saved;
  std::optional<clickhouse::error> save_error;
};

class coordinator_test : public actor_test {
protected:
  using topic_ptr = std::shared_ptr<kafka::fake_control_topic>;

  static topology::gold daily() {
    topology::gold gold;
    gold.name = "activity";
    gold.window.unit = topology::window_unit::day;
    gold.window.over_table = "orders";
    gold.trigger = {"@daily"};
    return gold;
  }
  static topology::gold on_change() {
    auto gold = daily();
    gold.trigger.clear();
    gold.on_change = true;
    gold.debounce = 5s;
    return gold;
  }

  void start(const std::string& now) { start(now, {daily()}); }
  void start(const std::string& now, const std::vector<topology::gold>& golds,
             int executors = 1) {
    start_ = at(now);
    began_ = scheduler_.clock().now();
    std::vector<gold_executor_actor> runners;
    for (int i = 0; i < executors; ++i)
      runners.push_back(spawn_executor());
    const auto ledger = spawn_executor();
    ledger_actor_ = caf::actor_cast<caf::actor>(ledger);
    coordinator_parts parts{golds,
                            std::move(runners),
                            ledger,
                            spawn_link(),
                            spawn_controls(),
                            "node-1",
                            {},
                            metrics_.control_log(),
                            no_reports(),
                            [this] { return wall_clock_now(); },
                            pace_};
    for (const auto& each : golds)
      parts.metrics.emplace(each.name, metrics_.gold(each.name));
    coordinator_ = own(system_.spawn(coordinator, std::move(parts)));
    settle();
  }

  gold::instant wall_clock_now() {
    return start_ + jump_
           + std::chrono::floor<std::chrono::milliseconds>(
               scheduler_.clock().now() - began_);
  }

  gold_executor_actor spawn_executor() {
    auto ledger = ledger_;
    auto fake = own(system_.spawn([ledger](caf::event_based_actor* self) {
      return caf::behavior{
          [ledger, self](const run_window& order) {
            ledger->runs.push_back(order);
            const auto promise =
                self->make_response_promise<fake_ledger::run_promise>();
            ledger->pending.emplace_back(self, promise);
            return promise;
          },
          [ledger](const read_ledger&) -> ledger_read {
            ++ledger->ledger_reads;
            if (ledger->ledger_error)
              return {tl::make_unexpected(*ledger->ledger_error), {}};
            return {ledger->entries, std::exchange(ledger->unsound, {})};
          },
          [ledger, self](const read_snapshot&) {
            ++ledger->state_reads;
            auto promise =
                self->make_response_promise<fake_ledger::state_promise>();
            if (ledger->holds_state)
              ledger->states.push_back(promise);
            else if (ledger->state_error)
              promise.deliver(
                  snapshot_read{tl::make_unexpected(*ledger->state_error)});
            else
              promise.deliver(snapshot_read{ledger->state});
            return promise;
          },
          [ledger](const save_snapshot& what) -> snapshot_saved {
            if (ledger->save_error)
              return {ledger->save_error};
            ledger->saved.push_back(what.state);
            return {};
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<gold_executor_actor>(fake);
  }

  control_follower_actor spawn_controls() {
    return own(system_.spawn([this]() -> control_follower_actor::behavior_type {
      return {[](const retry_due&) {},
              [this](const trim_log& what) { trims_.push_back(what.before); },
              [](const tables_restated&) {}};
    }));
  }

  /// As the real link: what is asked for comes after a short wait.
  control_link_actor spawn_link() {
    using read_promise = caf::typed_response_promise<log_read>;
    auto link = own(system_.spawn([this](caf::event_based_actor* self) {
      return caf::behavior{
          [this, self](const read_log& from) {
            ++log_reads_;
            auto promise = self->make_response_promise<read_promise>();
            self->delayed_send(
                self, 100ms, act{[this, promise, from]() mutable {
                  promise.deliver(
                      log_read{cannot_read_.empty()
                                   ? topic_->read(from.from)
                                   : tl::make_unexpected(cannot_read_)});
                }});
            return promise;
          },
          [this](const append_to_log& what) {
            ++appends_;
            if (!cannot_append_.empty() && lost_answer_)
              topic_->append(what.record);
            return log_appended{cannot_append_.empty()
                                    ? topic_->append(what.record)
                                    : cannot_append_};
          },
          [](const act& order) { order.what(); }};
    }));
    return caf::actor_cast<control_link_actor>(link);
  }

  /// Another node, or a cut, says this.
  std::int64_t tell(const gold::control_message& message) {
    topic_->append(gold::encode(message));
    return static_cast<std::int64_t>(topic_->records().size()) - 1;
  }
  std::int64_t mark(const gold::window& what) {
    gold::cut_mark cut;
    const auto number = static_cast<std::int64_t>(topic_->records().size());
    cut.cut = {"orders", "o", 0, 0, number, number + 1};
    cut.golds["activity"] = {{what.start.time_since_epoch().count(),
                              what.end.time_since_epoch().count()}};
    return tell(gold::cuts_marked{"node-2", {}, {cut}});
  }

  /// The records of one kind that the log has.
  template <class Message>
  std::vector<Message> told() const {
    std::vector<Message> result;
    for (const auto& record : topic_->records())
      if (const auto message = gold::parse_control_message(record);
          message && *message)
        if (const auto* one = std::get_if<Message>(&**message))
          result.push_back(*one);
    return result;
  }

  void lead(bool leads = true) {
    caf::anon_send(coordinator_, leadership_changed{leads});
    settle();
  }
  const std::vector<run_window>& runs() const { return ledger_->runs; }
  void answer(window_finished outcome) {
    ASSERT_FALSE(ledger_->pending.empty());
    const auto [executor, promise] = ledger_->pending.front();
    ledger_->pending.erase(ledger_->pending.begin());
    fulfil(executor, promise, std::move(outcome));
  }
  void succeed() { answer({gold::run_result{3, {}, 5ms, ""}}); }
  void fail() {
    answer({tl::make_unexpected(clickhouse::error{
        clickhouse::remedy::retry, 241, false, "memory limit"})});
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<fake_ledger> ledger_ = std::make_shared<fake_ledger>();
  topic_ptr topic_ = std::make_shared<kafka::fake_control_topic>();
  coordinator_pace pace_;
  /// How far the log was to be trimmed, each time.
  std::vector<std::int64_t> trims_;
  int log_reads_ = 0;
  int appends_ = 0;
  std::string cannot_read_;
  std::string cannot_append_;
  /// What cannot be appended is in the log all the same.
  bool lost_answer_ = false;
  gold::instant start_;
  /// By which the wall clock was set.
  std::chrono::milliseconds jump_{0};
  caf::actor_clock::time_point began_;
  caf::actor ledger_actor_;
  coordinator_actor coordinator_;
};

class Coordinator : public coordinator_test {};

} // namespace sluice::actors
