#include "actors/partition_consumer.hpp"

#include <algorithm>

#include "actors/failure.hpp"

namespace sluice::actors {

namespace {

/// librdkafka hands out 1,000 messages a call fastest (measured; larger
/// batches leave the cache before they are decoded).
constexpr std::size_t records_per_batch = 1000;
/// Batches taken before other actors get their turn.
constexpr int batches_per_turn = 16;
constexpr std::chrono::milliseconds commit_retry_delay{200};
constexpr std::chrono::seconds report_interval{1};

} // namespace

template <class Message>
void partition_consumer_state::tell_transformers(const Message& message) {
  for (const auto& each : transformers_)
    self_->send(each, message);
}

void partition_consumer_state::start(
    std::shared_ptr<partition_consumer_parts> parts) {
  parts_ = std::move(parts);
  const auto& committed = parts_->committed;
  auto metadata = kafka::decode_position_metadata(committed.metadata,
                                                  committed.offset.value_or(0));
  if (!metadata)
    return end(failure(kafka::to_string(parts_->source->where()) + ": "
                       + metadata.error()));
  recorded_ = std::move(*metadata);
  const partition_consumer_actor me{self_};
  transformers_ = parts_->spawn_transformers(me, recorded_.epoch);
  for (const auto& each : transformers_)
    self_->link_to(each);
  if (committed.offset)
    ledger_.emplace(*committed.offset, recorded_, transformers_.size());
  parts_->source->on_available(
      [me] { caf::anon_send(me, records_available{}); });
  parts_->start(committed.offset);
  self_->send(self_, records_available{});
  self_->delayed_send(self_, report_interval, report_due{});
}

bool partition_consumer_state::may_take() const {
  if (draining_ || transformers_.empty())
    return false;
  if (!ledger_)
    return true;
  // A cut that must end where a former owner decided may be larger than what
  // the tuning allows today; alone, it always has credit.
  if (ledger_->intended_end() && ledger_->unfinished() == 0)
    return true;
  const auto& tuning = parts_->tuning;
  return ledger_->unfinished() < tuning.cuts_in_flight
         && ledger_->bytes_in_flight() < tuning.credit_bytes;
}

kafka::record_batch_ptr partition_consumer_state::next_batch() {
  const auto& tuning = parts_->tuning;
  if (!ledger_)
    return parts_->source->take(
        std::min(records_per_batch, tuning.cut_rows),
        std::min(tuning.cut_bytes, tuning.credit_bytes));
  auto records = records_per_batch;
  auto bytes = tuning.cut_bytes;
  if (!ledger_->intended_end()) {
    records = std::min(records, tuning.cut_rows - ledger_->open_records());
    bytes -= ledger_->open_bytes();
  }
  if (ledger_->bytes_in_flight() < tuning.credit_bytes)
    bytes = std::min(bytes, tuning.credit_bytes - ledger_->bytes_in_flight());
  return parts_->source->take(records, bytes);
}

void partition_consumer_state::take_records() {
  for (auto turn = 0; turn < batches_per_turn; ++turn) {
    if (!may_take())
      return; // an acknowledgement calls again
    if (leftover_) {
      const auto rest = *std::exchange(leftover_, std::nullopt);
      feed(rest.batch, rest.first);
      continue;
    }
    const auto batch = next_batch();
    if (!batch) {
      if (const auto reason = parts_->source->failure())
        return end(sluice::actors::failure(
            kafka::to_string(parts_->source->where()) + ": " + reason->text));
      close_if_passed();
      return; // the source calls again
    }
    feed(batch, 0);
  }
  self_->send(self_, records_available{});
}

void partition_consumer_state::feed(const kafka::record_batch_ptr& batch,
                                    std::size_t first) {
  const auto records = batch->records();
  if (!ledger_)
    ledger_.emplace(records[first].offset, recorded_, transformers_.size());
  auto last = records.size();
  if (const auto end = ledger_->intended_end()) {
    const auto beyond = std::lower_bound(
        records.begin() + static_cast<std::ptrdiff_t>(first), records.end(),
        *end, [](const kafka::record& each, std::int64_t offset) {
          return each.offset < offset;
        });
    last = static_cast<std::size_t>(beyond - records.begin());
  }
  if (last > first)
    append(batch, first, last);
  if (last < records.size()) {
    // A recorded end lies within this batch: the rest belongs to the next cut.
    leftover_ = leftover{batch, last};
    close_cut(*ledger_->intended_end());
  } else {
    close_if_full(records.back().offset + 1);
  }
}

void partition_consumer_state::append(const kafka::record_batch_ptr& batch,
                                      std::size_t first, std::size_t last) {
  const auto records = batch->records();
  // A cut is accounted by the share of the batch that falls into it.
  const auto count = last - first;
  const auto bytes = count == records.size()
                         ? batch->bytes()
                         : batch->bytes() * count / records.size();
  if (ledger_->open_records() == 0)
    self_->delayed_send(self_, parts_->tuning.cut_age,
                        flush_due{ledger_->open_lo()});
  ledger_->add(count, bytes);
  parts_->metrics.records_consumed.add(static_cast<double>(count));
  parts_->metrics.bytes_consumed.add(static_cast<double>(bytes));
  tell_transformers(records_fetched{batch, first, last});
}

void partition_consumer_state::close_if_full(std::int64_t hi) {
  if (const auto end = ledger_->intended_end()) {
    if (hi >= *end)
      close_cut(*end);
    return;
  }
  const auto& tuning = parts_->tuning;
  if (ledger_->open_records() >= tuning.cut_rows
      || ledger_->open_bytes() >= tuning.cut_bytes
      || ledger_->bytes_in_flight() >= tuning.credit_bytes)
    close_cut(hi);
}

/// A recorded end may lie in a gap of the log (compaction, transaction
/// markers): then the position passes it without a record.
void partition_consumer_state::close_if_passed() {
  while (ledger_ && ledger_->intended_end()
         && parts_->source->position() >= *ledger_->intended_end())
    close_cut(*ledger_->intended_end());
}

void partition_consumer_state::flush(std::int64_t lo) {
  if (!ledger_ || ledger_->open_lo() != lo || ledger_->open_records() == 0
      || ledger_->intended_end() || draining_)
    return;
  close_cut(parts_->source->position());
}

void partition_consumer_state::close_cut(std::int64_t hi) {
  parts_->metrics.cuts.add();
  tell_transformers(cut_closed{ledger_->close(hi)});
  commit();
  release_recorded();
}

void partition_consumer_state::commit() {
  if (!ledger_)
    return;
  auto request = ledger_->next_commit();
  if (!request)
    return;
  const partition_consumer_actor me{self_};
  parts_->source->commit(request->offset, std::move(request->metadata),
                         [me](kafka::commit_outcome outcome) {
                           caf::anon_send(me,
                                          commit_answered{std::move(outcome)});
                         });
}

void partition_consumer_state::handle(const commit_answered& answer) {
  using kafka::commit_status;
  const auto& outcome = answer.outcome;
  if (outcome.status == commit_status::recorded) {
    ledger_->commit_recorded();
    parts_->metrics.commits.add();
    trouble_.clear();
    release_recorded();
    commit();
    return end_if_settled();
  }
  ledger_->commit_failed();
  parts_->metrics.commit_failures.add();
  trouble_ = "commit: " + outcome.reason;
  const auto where = kafka::to_string(parts_->source->where());
  switch (outcome.status) {
  case commit_status::not_owner:
    return end(failure(where + " is no longer ours: " + outcome.reason));
  case commit_status::refused:
    return end(failure(where + ": commit refused: " + outcome.reason));
  default:
    self_->delayed_send(self_, commit_retry_delay, retry_due{});
  }
}

void partition_consumer_state::release_recorded() {
  for (const auto& range : ledger_->take_recorded())
    tell_transformers(cut_recorded{range});
}

void partition_consumer_state::handle(const cut_written& written) {
  if (!ledger_->acknowledge(written.range.lo))
    return;
  commit();
  end_if_settled();
  take_records();
}

void partition_consumer_state::drain() {
  draining_ = true;
  leftover_.reset();
  end_if_settled();
}

void partition_consumer_state::end_if_settled() {
  if (draining_ && (!ledger_ || ledger_->settled()))
    end(caf::error{});
}

void partition_consumer_state::end(caf::error reason) {
  draining_ = true;
  for (const auto& each : transformers_)
    self_->send_exit(each, caf::exit_reason::user_shutdown);
  transformers_.clear();
  self_->quit(std::move(reason));
}

status::partition_state partition_consumer_state::state() const {
  using status::partition_state;
  if (draining_)
    return partition_state::draining;
  if (!ledger_)
    return partition_state::running;
  return may_take() ? partition_state::running : partition_state::throttled;
}

/// Records up to the end of the log that are not finished. Markers of
/// transactions occupy offsets but are no records: a partition that has passed
/// them and has nothing in flight does not lag.
std::int64_t
partition_consumer_state::lag(const kafka::log_bounds& bounds) const {
  const auto idle =
      !ledger_
      || (ledger_->settled() && !leftover_ && ledger_->open_records() == 0);
  auto done = ledger_ ? ledger_->committed() : bounds.start;
  if (idle)
    done = std::max(done, parts_->source->position());
  return std::max<std::int64_t>(0, bounds.end - std::max(done, bounds.start));
}

void partition_consumer_state::report() {
  const auto& where = parts_->source->where();
  auto& metrics = parts_->metrics;
  status::partition_report report;
  report.topic = where.topic;
  report.partition = where.partition;
  report.state = state();
  report.reason = trouble_;
  report.position = parts_->source->position();
  if (ledger_) {
    report.committed = ledger_->committed();
    report.in_flight_bytes = ledger_->bytes_in_flight();
    metrics.committed_offset.set(static_cast<double>(report.committed));
    metrics.credit_bytes_in_use.set(
        static_cast<double>(report.in_flight_bytes));
  }
  if (const auto bounds = parts_->source->bounds()) {
    report.log_end = bounds->end;
    report.lag = lag(*bounds);
    metrics.lag_records.set(static_cast<double>(report.lag));
  }
  self_->send(parts_->reports, partition_reported{std::move(report)});
  self_->delayed_send(self_, report_interval, report_due{});
}

partition_consumer_actor::behavior_type partition_consumer(
    partition_consumer_actor::stateful_pointer<partition_consumer_state> self,
    std::shared_ptr<partition_consumer_parts> parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const records_available&) { state.take_records(); },
      [&state](const flush_due& due) { state.flush(due.lo); },
      [&state](const commit_answered& answer) { state.handle(answer); },
      [&state](const retry_due&) { state.commit(); },
      [&state](const cut_written& written) { state.handle(written); },
      [&state](const sluice::actors::drain&) { state.drain(); },
      [&state](const report_due&) { state.report(); },
  };
}

} // namespace sluice::actors
