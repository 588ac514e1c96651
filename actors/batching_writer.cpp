#include "actors/batching_writer.hpp"

#include <algorithm>
#include <chrono>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

constexpr std::chrono::seconds report_interval{1};
constexpr std::chrono::milliseconds retry_when_stopped{
    std::chrono::seconds{30}};

} // namespace

void batching_writer_state::start(batching_writer_parts parts) {
  parts_ = std::move(parts);
  for (std::size_t i = 0; i < parts_->inserters; ++i) {
    idle_.push_back(parts_->spawn_inserter());
    self_->link_to(idle_.back());
  }
  report();
}

batching_writer_state::promise
batching_writer_state::enqueue(const rows_ready& work, promise answer) {
  const auto same_token = [&](const job_ptr& each) {
    return each->work.token == work.token;
  };
  // A pipeline that starts again brings cuts that are still under way here.
  const auto under_way = std::ranges::find_if(inserting_, same_token);
  if (under_way != inserting_.end()) {
    (*under_way)->waiting.push_back(answer);
    return answer;
  }
  const auto queued = std::find_if(queue_.begin(), queue_.end(), same_token);
  if (queued != queue_.end()) {
    (*queued)->waiting.push_back(answer);
    return answer;
  }
  queue_.push_back(std::make_shared<job>(job{work, {answer}}));
  dispatch();
  return answer;
}

void batching_writer_state::dispatch() {
  while (!held_ && !queue_.empty() && !idle_.empty()) {
    const auto next = queue_.front();
    queue_.pop_front();
    const auto inserter = idle_.back();
    idle_.pop_back();
    insert(next, inserter);
  }
}

void batching_writer_state::insert(const job_ptr& next,
                                   const inserter_actor& inserter) {
  inserting_.push_back(next);
  const auto begin = self_->clock().now();
  self_
      ->request(inserter, caf::infinite,
                insert_block{next->work.token, next->work.rows})
      .then(
          [this, next, inserter, begin](const insert_answered& answer) {
            parts_->metrics.insert_time.observe(self_->clock().now() - begin);
            std::erase(inserting_, next);
            idle_.push_back(inserter);
            if (answer.error)
              failed(next, *answer.error);
            else
              succeeded(next);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void batching_writer_state::succeeded(const job_ptr& done) {
  const auto rows = done->work.rows->rows();
  rows_written_ += rows;
  last_write_ = parts_->now();
  parts_->metrics.rows_written.add(static_cast<double>(rows));
  if (done->work.newest_ms >= 0) {
    const status::instant newest{
        std::chrono::milliseconds{done->work.newest_ms}};
    parts_->metrics.freshness.observe(
        std::max(std::chrono::milliseconds{0}, *last_write_ - newest));
  }
  for (auto& each : done->waiting)
    each.deliver(rows_written{});
  wait_.reset();
  if (!held_ && state_ != status::table_state::running) {
    state_ = status::table_state::running;
    reason_.clear();
    parts_->metrics.stopped.set(0);
    log_line("table " + parts_->table, "is written again");
  }
  dispatch();
}

void batching_writer_state::failed(const job_ptr& again,
                                   const clickhouse::error& error) {
  parts_->metrics.insert_failures.add();
  queue_.push_front(again);
  // What no retry can fix is tried rarely: whoever mends it need not tell us.
  const auto fatal = error.what == clickhouse::remedy::stop
                     || error.what == clickhouse::remedy::reject;
  const auto state =
      fatal ? status::table_state::stopped : status::table_state::retrying;
  if (state_ != state || reason_ != error.message)
    log_line("table " + parts_->table,
             std::string{to_string(state)} + ": " + error.message);
  state_ = state;
  reason_ = error.message;
  parts_->metrics.stopped.set(fatal ? 1 : 0);
  if (held_)
    return;
  held_ = true;
  self_->delayed_send(self_, fatal ? retry_when_stopped : wait_.next(),
                      retry_due{});
}

void batching_writer_state::retry() {
  held_ = false;
  parts_->metrics.insert_retries.add();
  dispatch();
}

void batching_writer_state::report() {
  status::table_report report;
  report.name = parts_->table;
  report.state = state_;
  report.reason = reason_;
  report.rows_written = rows_written_;
  report.last_write = last_write_;
  report.blocks_in_flight = queue_.size() + inserting_.size();
  parts_->metrics.blocks_in_flight.set(
      static_cast<double>(report.blocks_in_flight));
  self_->send(parts_->reports, table_reported{std::move(report)});
  self_->delayed_send(self_, report_interval, report_due{});
}

batching_writer_actor::behavior_type batching_writer(
    batching_writer_actor::stateful_pointer<batching_writer_state> self,
    batching_writer_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [self, &state](const rows_ready& work) {
        return state.enqueue(
            work,
            self->make_response_promise<batching_writer_state::promise>());
      },
      [&state](const retry_due&) { state.retry(); },
      [&state](const report_due&) { state.report(); },
  };
}

} // namespace sluice::actors
