// A window marker between a control log and a silver that answer when the test
// wants them to.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/window_marker.hpp"
#include "tests/support/actor_test.hpp"

namespace sluice::actors {

constexpr std::int64_t hour = 3'600;
/// 2026-02-20 00:00 UTC.
constexpr std::int64_t midnight = 1'771'545'600;

/// A log that answers when the test wants it to.
struct slow_topic {
  std::vector<std::string> appended;
  std::vector<std::function<void(std::string)>> unanswered;
  int opened = 0;
  /// Why it cannot be opened; "missing": there is none.
  std::string closed;
};

class slow_log : public kafka::control_log {
public:
  explicit slow_log(std::shared_ptr<slow_topic> topic)
      : topic_{std::move(topic)} {}
  void append(std::string bytes,
              std::function<void(std::string)> done) override {
    topic_->appended.push_back(std::move(bytes));
    topic_->unanswered.push_back(std::move(done));
  }
  tl::expected<kafka::control_batch, std::string>
  read(std::int64_t, std::chrono::milliseconds) override {
    return kafka::control_batch{};
  }
  tl::expected<kafka::trim_outcome, std::string> trim(std::int64_t) override {
    return kafka::trim_outcome::unsupported;
  }

private:
  std::shared_ptr<slow_topic> topic_;
};

/// What silver was asked, and the promises to answer.
struct questioned {
  std::vector<find_times> asked;
  std::deque<caf::typed_response_promise<times_found>> unanswered;
};

class window_marker_test : public actor_test {
protected:
  void SetUp() override {
    topology::gold sales;
    sales.name = "sales";
    sales.window.every = std::chrono::hours{1};
    sales.window.oldest = std::chrono::sys_seconds{
        std::chrono::seconds{midnight - 24 * hour + 1'000}};
    window_marker_parts parts{
        [topic = topic_]() { return open(topic); },
        [this] { return spawn_finder(); },
        1,
        {sales},
        "here",
        metrics_.control_log(),
        spawn_reports(),
        [] {
          return std::chrono::sys_time<std::chrono::milliseconds>{
              std::chrono::seconds{midnight + 24 * hour}};
        }};
    marker_ = own(system_.spawn(window_marker, std::move(parts)));
    ended_ = watch(marker_);
    settle();
  }

  static tl::expected<std::unique_ptr<kafka::control_log>, std::string>
  open(const std::shared_ptr<slow_topic>& topic) {
    ++topic->opened;
    if (topic->closed == "missing")
      return nullptr;
    if (!topic->closed.empty())
      return tl::unexpected{topic->closed};
    return std::make_unique<slow_log>(topic);
  }

  window_finder_actor spawn_finder() {
    finder_ =
        own(system_.spawn([state = silver_](caf::event_based_actor* self) {
          return caf::behavior{
              [state, self](const find_times& what) {
                state->asked.push_back(what);
                state->unanswered.push_back(
                    self->make_response_promise<
                        caf::typed_response_promise<times_found>>());
                return state->unanswered.back();
              },
              [](const act& order) { order.what(); }};
        }));
    return caf::actor_cast<window_finder_actor>(finder_);
  }

  metrics_actor spawn_reports() {
    return own(
        system_.spawn([troubles = troubles_]() -> metrics_actor::behavior_type {
          return {[](const partition_reported&) {},
                  [](const partition_gone&) {},
                  [](const table_reported&) {},
                  [](const records_counted&) {},
                  [](const golds_reported&) {},
                  [troubles](const trouble_reported& trouble) {
                    troubles->push_back(trouble.reason);
                  },
                  [](const actor_failed&) {},
                  [](const actor_recovered&) {},
                  [](const phase_changed&) {}};
        }));
  }

  /// Sends it; whether it is answered.
  template <class Answer, class Message>
  std::shared_ptr<bool> ask(Message message) {
    auto answered = std::make_shared<bool>(false);
    own(system_.spawn([answered, what = std::move(message),
                       marker = marker_](caf::event_based_actor* self) {
      self->request(marker, caf::infinite, what)
          .then([answered](const Answer&) { *answered = true; });
      return caf::behavior{[](caf::unit_t) {}};
    }));
    settle();
    return answered;
  }
  std::shared_ptr<bool> mark(std::int64_t lo, gold::touched_golds golds,
                             std::vector<marks::question> questions = {}) {
    return ask<windows_marked>(
        mark_windows{{cut(lo), std::move(golds), {{"sales", midnight + lo}}},
                     std::move(questions)});
  }
  std::shared_ptr<bool> note(std::int64_t lo, gold::touched_golds golds,
                             gold::touched_golds its_own = {},
                             std::vector<marks::question> questions = {}) {
    return ask<windows_noted>(note_windows{
        cut(lo), std::move(golds), std::move(its_own), std::move(questions)});
  }

  static gold::cut_name cut(std::int64_t lo) {
    return {"orders", "t", 0, 0, lo, lo + 10};
  }
  static gold::touched_golds hours(std::int64_t first, std::int64_t last) {
    return {{"sales", {{midnight + first * hour, midnight + last * hour}}}};
  }
  static std::vector<marks::question> question(std::string sql = "?") {
    return {{"sales", std::move(sql), "UTC"}};
  }

  /// The log's word on the oldest record that it has not answered for.
  void log_answers(std::string error = {}) {
    const auto done = topic_->unanswered.front();
    topic_->unanswered.erase(topic_->unanswered.begin());
    done(std::move(error));
    settle();
  }
  void silver_answers(std::vector<std::int64_t> times) {
    const auto promise = silver_->unanswered.front();
    silver_->unanswered.pop_front();
    fulfil(finder_, promise, times_found{{{std::move(times)}}});
  }
  void silver_fails() {
    const auto promise = silver_->unanswered.front();
    silver_->unanswered.pop_front();
    fulfil(finder_, promise,
           times_found{tl::unexpected(
               clickhouse::error{clickhouse::remedy::retry, 0, false, "no"})});
  }
  gold::cuts_marked record(std::size_t number) const {
    return std::get<gold::cuts_marked>(
        gold::parse_control_message(topic_->appended.at(number))
            .value()
            .value());
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<slow_topic> topic_ = std::make_shared<slow_topic>();
  std::shared_ptr<questioned> silver_ = std::make_shared<questioned>();
  std::shared_ptr<std::vector<std::string>> troubles_ =
      std::make_shared<std::vector<std::string>>();
  caf::actor finder_;
  window_marker_actor marker_;
  std::shared_ptr<std::optional<caf::error>> ended_;
};

} // namespace sluice::actors
