#include "actors/batching_writer.hpp"

#include <algorithm>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

bool is_too_many_parts(const clickhouse::error& error) {
  constexpr int too_many_parts = 252;
  return error.code == too_many_parts;
}

/// What keeps a table from being read keeps it from being written; a question
/// that fails otherwise is asked again.
clickhouse::error of_a_question(clickhouse::error error) {
  using clickhouse::remedy;
  error.outcome_unknown = false;
  error.what = error.what == remedy::stop || error.what == remedy::reject
                   ? remedy::stop
                   : remedy::retry;
  return error;
}

} // namespace

void batching_writer_state::start(batching_writer_parts parts) {
  parts_ = std::move(parts);
  untold_ = parts_->awaits_word;
  for (std::size_t i = 0; i < parts_->inserters; ++i) {
    idle_.push_back(parts_->spawn_inserter());
    self_->link_to(idle_.back());
  }
  report();
}

// -- what comes in ------------------------------------------------------------

batching_writer_state::promise
batching_writer_state::enqueue(const rows_ready& work, promise answer) {
  // Retention may have taken records of a cut since: then it is another block,
  // whose fate is not that of the one under way; their token lets one in.
  const auto same_block = [&](const job_ptr& each) {
    return each->work.token == work.token
           && each->work.rows->rows() == work.rows->rows();
  };
  // A pipeline that starts again brings cuts that are still under way here.
  const auto joins = [&](const auto& blocks) {
    const auto same = std::ranges::find_if(blocks, same_block);
    if (same == blocks.end())
      return false;
    (*same)->waiting.push_back(answer);
    return true;
  };
  if (joins(working_) || joins(queue_) || joins(set_aside_))
    return answer;
  if (!paused_.empty()) {
    answer.deliver(rows_answered{rows_fate::refused, paused_, false, true});
    return answer;
  }
  if (is_of_former_life(work)) {
    answer.deliver(rows_answered{rows_fate::refused, was_reset});
    return answer;
  }
  auto next = std::make_shared<job>();
  next->work = work;
  next->must_ask = work.ask_first;
  next->waiting.push_back(answer);
  if (work.tried_before)
    next->unknown_since = self_->clock().now();
  queue_.push_back(std::move(next));
  dispatch();
  return answer;
}

batching_writer_state::newest_promise
batching_writer_state::find(const find_newest& what, newest_promise answer) {
  if (!paused_.empty()
      || (refused_until_ && self_->clock().now() < *refused_until_)) {
    this->answer(answer);
    return answer;
  }
  questions_.push_back({what, answer});
  dispatch();
  return answer;
}

void batching_writer_state::dispatch() {
  while (!held_ && !untold_ && !idle_.empty()
         && (!questions_.empty() || !queue_.empty())) {
    const auto inserter = idle_.back();
    idle_.pop_back();
    if (!questions_.empty()) {
      const auto next = questions_.front();
      questions_.pop_front();
      ask(next, inserter);
    } else {
      const auto next = queue_.front();
      queue_.pop_front();
      working_.push_back(next);
      run(next, inserter);
    }
  }
}

void batching_writer_state::retry() {
  held_ = false;
  parts_->metrics.insert_retries.add();
  dispatch();
}

void batching_writer_state::take_up_outlasted() {
  const auto over = std::stable_partition(
      set_aside_.begin(), set_aside_.end(),
      [this](const job_ptr& each) { return !outlasts_attempts(*each); });
  queue_.insert(queue_.begin(), over, set_aside_.end());
  set_aside_.erase(over, set_aside_.end());
  dispatch();
}

// -- one block ----------------------------------------------------------------

void batching_writer_state::run(const job_ptr& next,
                                const inserter_actor& inserter) {
  if (next->must_ask)
    ask(next, inserter);
  else
    insert(next, inserter);
}

void batching_writer_state::ask(const job_ptr& next,
                                const inserter_actor& inserter) {
  self_
      ->request(
          inserter, caf::infinite,
          ask_rows{next->work.partition, next->work.epoch, next->work.piece})
      .then(
          [this, next, inserter](const rows_told& told) {
            if (told.offsets && paused_.empty()) {
              next->must_ask = false;
              if (plan(next, *told.offsets))
                return insert(next, inserter);
            }
            std::erase(working_, next);
            idle_.push_back(inserter);
            if (!told.offsets)
              return failed(next, of_a_question(told.offsets.error()));
            if (paused_.empty())
              return succeeded(next, 0);
            answer(next, rows_fate::refused, paused_);
            dispatch();
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// Joins the rows of the piece that silver lacks into ranges; false: none.
bool batching_writer_state::plan(const job_ptr& next,
                                 const std::vector<std::int64_t>& there) {
  const auto& piece = next->work.piece;
  auto& missing = next->missing;
  missing.clear();
  auto joins = false;
  std::size_t found = 0;
  std::size_t outside = 0;
  for (const auto offset :
       next->work.rows->int64_values(parts_->offset_column)) {
    if (offset < piece.lo || offset >= piece.hi) {
      ++outside;
      continue;
    }
    if (std::ranges::binary_search(there, offset)) {
      joins = false;
      ++found;
    } else if (joins) {
      missing.back().hi = offset + 1;
    } else {
      missing.push_back({offset, offset + 1});
      joins = true;
    }
  }
  parts_->metrics.rows_found_in_silver.add(static_cast<double>(found));
  if (missing.empty())
    return false;
  if (found + outside == 0)
    missing.clear(); // the whole block, as it is
  return true;
}

void batching_writer_state::insert(const job_ptr& next,
                                   const inserter_actor& inserter) {
  const auto begin = self_->clock().now();
  self_
      ->request(inserter, caf::infinite,
                insert_block{next->work.token, next->work.rows, next->missing})
      .then(
          [this, next, inserter, begin](const insert_answered& answer) {
            parts_->metrics.insert_time.observe(self_->clock().now() - begin);
            std::erase(working_, next);
            idle_.push_back(inserter);
            if (answer.error)
              failed(next, *answer.error);
            else
              succeeded(next, rows_of(*next));
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

std::size_t batching_writer_state::rows_of(const job& of) const {
  if (of.missing.empty())
    return of.work.rows->rows();
  const auto offsets = of.work.rows->int64_values(parts_->offset_column);
  return static_cast<std::size_t>(
      std::ranges::count_if(offsets, [&](std::int64_t offset) {
        return std::ranges::any_of(of.missing, [&](const kafka::cut& range) {
          return offset >= range.lo && offset < range.hi;
        });
      }));
}

void batching_writer_state::succeeded(const job_ptr& done, std::size_t rows) {
  rows_written_ += rows;
  last_write_ = parts_->now();
  parts_->metrics.rows_written.add(static_cast<double>(rows));
  if (done->work.newest_ms >= 0) {
    const status::instant newest{
        std::chrono::milliseconds{done->work.newest_ms}};
    parts_->metrics.freshness.observe(
        std::max(std::chrono::milliseconds{0}, *last_write_ - newest));
  }
  wait_.reset();
  if (rows > 0) {
    refusal_wait_.reset();
    refused_until_.reset();
  }
  if (!held_)
    tell_state(status::table_state::running, {});
  answer(done, rows_fate::written, {});
  dispatch();
}

/// What a failed attempt means for its rows; `written` stands for: try again.
rows_fate batching_writer_state::verdict(const job& of,
                                         const clickhouse::error& error) const {
  using clickhouse::remedy;
  if (error.outcome_unknown)
    return rows_fate::written;
  const auto was_unknown = of.unknown_since.has_value();
  switch (error.what) {
  case remedy::stop:
    return rows_fate::refused;
  case remedy::split:
    // Whoever sent them before may yet succeed with all of them at once.
    return was_unknown || rows_of(of) < 2 ? rows_fate::written
                                          : rows_fate::too_large;
  case remedy::reject:
    return outlasts_attempts(of) ? rows_fate::rejected : rows_fate::written;
  default:
    return rows_fate::written;
  }
}

/// Whether nothing that was sent of the block before can still take effect.
bool batching_writer_state::outlasts_attempts(const job& of) const {
  return !of.unknown_since
         || self_->clock().now() - *of.unknown_since >= parts_->insert_lifetime;
}

void batching_writer_state::set_aside(const job_ptr& rejected,
                                      const std::string& reason) {
  log_line("table " + parts_->table,
           "waits for earlier attempts at a block of "
               + std::to_string(rows_of(*rejected))
               + " rows before it divides it: " + reason);
  const auto since = self_->clock().now() - *rejected->unknown_since;
  set_aside_.push_back(rejected);
  self_->delayed_send(self_, parts_->insert_lifetime - since, attempts_over{});
}

void batching_writer_state::failed(const job_ptr& again,
                                   const clickhouse::error& error) {
  parts_->metrics.insert_failures.add();
  again->crowded = again->crowded || is_too_many_parts(error);
  if (error.outcome_unknown)
    again->unknown_since = self_->clock().now();
  // How long this goes on nobody knows, and ClickHouse forgets tokens.
  again->must_ask = again->work.ask_first || again->unknown_since;
  const auto fate = verdict(*again, error);
  if (!paused_.empty()) {
    answer(again, rows_fate::refused, paused_);
  } else if (is_of_former_life(again->work)) {
    answer(again, rows_fate::refused, was_reset);
  } else if (fate == rows_fate::refused) {
    answer(again, fate, refuse(refused::insert, error));
  } else if (fate != rows_fate::written) {
    log_line("table " + parts_->table, "divides a block of "
                                           + std::to_string(rows_of(*again))
                                           + " rows: " + error.message);
    answer(again, fate, error.message);
  } else if (error.what == clickhouse::remedy::reject
             && !error.outcome_unknown) {
    set_aside(again, error.message);
  } else {
    queue_.push_front(again);
    hold(error.message);
  }
  dispatch();
}

void batching_writer_state::answer(const job_ptr& of, rows_fate fate,
                                   const std::string& reason) {
  for (auto& each : std::exchange(of->waiting, {}))
    each.deliver(rows_answered{fate, reason, of->crowded,
                               fate == rows_fate::refused && !paused_.empty()});
}

// -- where silver is ----------------------------------------------------------

void batching_writer_state::ask(const question& next,
                                const inserter_actor& inserter) {
  const auto what = of_this_life(next.what);
  self_
      ->request(inserter, caf::infinite,
                ask_newest{what.partition, what.epoch, what.from})
      .then(
          [this, next, inserter, reset = epoch_](const newest_told& told) {
            idle_.push_back(inserter);
            auto to = next.answer;
            if (!paused_.empty()) {
              answer(to);
              return dispatch();
            }
            if (told.offset) {
              to.deliver(newest_found{*told.offset, {}, false, reset});
              return dispatch();
            }
            const auto error = of_a_question(told.offset.error());
            if (error.what == clickhouse::remedy::stop) {
              to.deliver(newest_found{
                  {}, refuse(refused::question, error), false, reset});
            } else {
              questions_.push_front(next);
              hold(error.message);
            }
            dispatch();
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// Not now: the table takes nothing.
void batching_writer_state::answer(newest_promise to) {
  to.deliver(newest_found{std::nullopt, paused_.empty() ? reason_ : paused_,
                          !paused_.empty(), epoch_});
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
      [self, &state](const find_newest& what) {
        return state.find(what, self->make_response_promise<
                                    batching_writer_state::newest_promise>());
      },
      [&state](const pause_told& told) { state.handle(told); },
      [&state](const retry_due&) { state.retry(); },
      [&state](const attempts_over&) { state.take_up_outlasted(); },
      [&state](const report_due&) { state.report(); },
  };
}

} // namespace sluice::actors
