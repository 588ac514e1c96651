// batching_writer: what its table is in, and why.
#include <utility>

#include "actors/batching_writer.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

constexpr std::chrono::seconds report_interval{1};
/// Whoever mends a table that cannot even be asked should not wait long.
constexpr std::chrono::milliseconds question_interval{10'000};

} // namespace

void batching_writer_state::handle(const pause_told& told) {
  untold_ = false;
  const auto was_paused = !paused_.empty();
  paused_ = told.paused;
  refused_until_.reset();
  refusal_wait_.reset();
  if (told.epoch > epoch_) {
    epoch_ = told.epoch;
    drop_former_life();
  }
  if (paused_.empty()) {
    if (was_paused)
      tell_state(status::table_state::running, {});
    return dispatch();
  }
  tell_state(status::table_state::paused, paused_);
  // What ClickHouse has been sent is waited for; the rest stays in Kafka.
  for (const auto& each : std::exchange(questions_, {}))
    answer(each.answer);
  for (const auto& each : std::exchange(queue_, {}))
    answer(each, rows_fate::refused, paused_);
  for (const auto& each : std::exchange(set_aside_, {}))
    answer(each, rows_fate::refused, paused_);
}

/// ClickHouse would refuse it all, and who sent it begins again.
void batching_writer_state::drop_former_life() {
  const auto dropped = [this](const job_ptr& each) {
    if (!is_of_former_life(each->work))
      return false;
    answer(each, rows_fate::refused, was_reset);
    return true;
  };
  std::erase_if(queue_, dropped);
  std::erase_if(set_aside_, dropped);
  if (state_ == status::table_state::stopped)
    tell_state(status::table_state::running, {});
}

bool batching_writer_state::is_of_former_life(const rows_ready& work) const {
  return work.epoch < epoch_;
}

/// Who does not know of a reset yet means the table as it is since.
find_newest batching_writer_state::of_this_life(find_newest what) const {
  if (what.epoch < epoch_) {
    what.epoch = epoch_;
    what.from = 0;
  }
  return what;
}

/// Returns the reason in words.
std::string batching_writer_state::refuse(refused what,
                                          const clickhouse::error& error) {
  // Until the word of a reset comes, this is what it looks like from here.
  auto reason =
      clickhouse::is_of_former_life(error.code, error.message)
          ? std::string{"was reset: takes no row of its former life, and waits "
                        "for the word of the reset in the control log (if "
                        "`sluice table reset` was interrupted, run it again)"}
          : error.message;
  tell_state(status::table_state::stopped, reason);
  const auto now = self_->clock().now();
  // Several partitions are refused at once; that is one refusal.
  if (!refused_until_ || now >= *refused_until_)
    refused_until_ =
        now
        + (what == refused::insert ? refusal_wait_.next() : question_interval);
  return reason;
}

void batching_writer_state::hold(const std::string& reason) {
  tell_state(status::table_state::retrying, reason);
  if (std::exchange(held_, true))
    return;
  self_->delayed_send(self_, wait_.next(), retry_due{});
}

void batching_writer_state::tell_state(status::table_state state,
                                       const std::string& reason) {
  using status::table_state;
  // What was sent before the pause may still be answered.
  if (!paused_.empty() && state != table_state::paused)
    return;
  if (state_ == state && reason_ == reason)
    return;
  const auto what = state == table_state::running ? "is written again"
                    : state == table_state::paused
                        ? "is " + reason
                        : std::string{to_string(state)} + ": " + reason;
  log_line("table " + parts_->table, what);
  state_ = state;
  reason_ = reason;
  parts_->metrics.stopped.set(state == table_state::stopped ? 1 : 0);
}

void batching_writer_state::report() {
  status::table_report report;
  report.name = parts_->table;
  report.state = state_;
  report.reason = reason_;
  report.rows_written = rows_written_;
  report.last_write = last_write_;
  report.blocks_in_flight = queue_.size() + working_.size() + set_aside_.size();
  parts_->metrics.blocks_in_flight.set(
      static_cast<double>(report.blocks_in_flight));
  self_->send(parts_->reports, table_reported{std::move(report)});
  self_->delayed_send(self_, report_interval, report_due{});
}

} // namespace sluice::actors
