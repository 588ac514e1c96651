#include "actors/partition_consumer.hpp"

#include <algorithm>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"

namespace sluice::actors {

namespace {

/// librdkafka hands out 1,000 messages a call fastest (measured; larger
/// batches leave the cache before they are decoded).
constexpr std::size_t records_per_batch = 1000;
/// Batches taken before other actors get their turn.
constexpr int batches_per_turn = 16;
/// Payloads that wait to be decoded: few enough to be in the cache still.
constexpr std::size_t undecoded_max = std::size_t{2} << 20U;
constexpr std::chrono::seconds report_interval{1};
/// How old a cut may get, in ages, while more waits than it has: nothing of it
/// is fresh, and large cuts are merged less.
constexpr int ages_while_behind = 4;

} // namespace

// -- taking records -----------------------------------------------------------

std::size_t partition_consumer_state::credit() const {
  return std::min(parts_->tuning.credit_bytes, memory_->limit());
}

bool partition_consumer_state::may_take() const {
  if (draining_ || restart_ || !ledger_ || ledger_->taking_part() == 0)
    return false;
  if (held_memory_.undecoded() >= undecoded_max)
    return false;
  // A cut that must end where a former owner decided may be larger than what
  // the tuning allows today; alone, it always has credit.
  if (ledger_->intended_end() && ledger_->unfinished() == 0)
    return true;
  if (ledger_->open_records() == 0 && !ledger_->has_room())
    return false;
  return ledger_->unfinished() < parts_->tuning.cuts_in_flight
         && held_memory_.total() < credit();
}

kafka::record_batch_ptr partition_consumer_state::next_batch() {
  auto records = records_per_batch;
  // Read once: others borrow and give back meanwhile.
  const auto credit_now = credit();
  auto bytes = std::min(undecoded_max, parts_->tuning.cut_bytes);
  if (!ledger_->intended_end()) {
    const auto rows = pace_->rows();
    records =
        std::min(records, rows - std::min(rows - 1, ledger_->open_records()));
    bytes = std::min(bytes, pace_->bytes(credit_now));
  }
  // Blocks are smaller than their payloads: to take only what is left would
  // lead to ever smaller batches.
  const auto left = credit_now - std::min(credit_now, held_memory_.total());
  bytes = std::min(bytes, std::max(left, credit_now / 16));
  return parts_->source->take(records, bytes);
}

void partition_consumer_state::take_records() {
  goes_on_ = false;
  for (auto turn = 0; turn < batches_per_turn; ++turn) {
    if (!may_take())
      return; // an acknowledgement or a decoded batch calls again
    if (leftover_) {
      const auto rest = *std::exchange(leftover_, std::nullopt);
      feed(rest.batch, rest.first);
      continue;
    }
    const auto batch = next_batch();
    if (!batch) {
      if (const auto failure = parts_->source->failure())
        return fail_of(*failure);
      close_if_passed();
      return; // the source calls again
    }
    feed(batch, 0);
  }
  goes_on_ = true;
  self_->send(self_, records_available{});
}

void partition_consumer_state::handle(const records_decoded& decoded) {
  held_memory_.decoded(decoded.number, decoded.bytes);
  if (ledger_->open_records() > 0 && !draining_ && !restart_)
    close_if_full(ledger_->open_last() + 1);
  account();
  if (!goes_on_)
    take_records();
}

/// Where the open cut must end at the latest.
std::optional<std::int64_t> partition_consumer_state::bound() const {
  const auto end = ledger_->intended_end();
  return end ? end : ledger_->limit();
}

void partition_consumer_state::feed(const kafka::record_batch_ptr& batch,
                                    std::size_t first) {
  const auto records = batch->records();
  if (!is_same_topic(records[first]))
    return;
  const auto at = [&](std::int64_t offset) {
    const auto found = std::ranges::lower_bound(records.subspan(first), offset,
                                                {}, &kafka::record::offset);
    return static_cast<std::size_t>(found - records.subspan(first).begin())
           + first;
  };
  // The record before the first was read only to be compared.
  first = at(ledger_->open_lo());
  const auto end = bound();
  const auto last = end ? at(*end) : records.size();
  if (last > first)
    append(batch, first, last);
  if (last < records.size()) {
    // The bound lies within this batch: the rest belongs to the next cut.
    leftover_ = leftover{batch, last};
    close_cut(*end);
  } else if (last > first) {
    close_if_full(records.back().offset + 1);
  }
  account();
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
    self_->delayed_send(self_, pace_->age(), flush_due{ledger_->open_lo()});
  ledger_->add(count, kafka::fingerprint_of(records[last - 1]));
  parts_->metrics.records_consumed.add(static_cast<double>(count));
  parts_->metrics.bytes_consumed.add(static_cast<double>(bytes));
  const auto number =
      held_memory_.fed(ledger_->open_lo(), bytes, ledger_->taking_part());
  for (std::size_t i = 0; i < transformers_.size(); ++i)
    if (ledger_->takes_part(i))
      self_->send(transformers_[i],
                  records_fetched{batch, first, last, number});
}

void partition_consumer_state::close_if_full(std::int64_t hi) {
  if (const auto end = bound(); end && hi >= *end)
    return close_cut(*end);
  if (ledger_->intended_end())
    return;
  // What is not decoded yet may become a small block.
  const auto is_all_decoded = held_memory_.undecoded() == 0;
  if (ledger_->open_records() >= pace_->rows()
      || held_memory_.blocks(ledger_->open_lo()) >= pace_->bytes(credit())
      || (is_all_decoded && held_memory_.total() >= credit()))
    close_cut(hi);
}

/// A bound may lie in a gap of the log (compaction, transaction markers): then
/// the position passes it without a record.
void partition_consumer_state::close_if_passed() {
  for (auto end = bound(); end && parts_->source->position() >= *end;
       end = bound())
    close_cut(*end);
}

/// At least as many records wait as the open cut has.
bool partition_consumer_state::is_behind() const {
  const auto bounds = parts_->source->bounds();
  return bounds
         && bounds->end - parts_->source->position()
                > static_cast<std::int64_t>(ledger_->open_records());
}

void partition_consumer_state::flush(std::int64_t lo) {
  if (!ledger_ || ledger_->open_lo() != lo || ledger_->open_records() == 0
      || ledger_->intended_end() || draining_ || restart_)
    return;
  // The first one shows that it works.
  if (has_cut_ && ++ages_ < ages_while_behind && is_behind()) {
    self_->delayed_send(self_, pace_->age(), flush_due{lo});
    return;
  }
  if (!std::exchange(has_slot_, true)) {
    const auto now = self_->clock().now();
    const auto slot = parts_->slots->take(now, ledger_->taking_part());
    if (slot > now) {
      self_->delayed_send(self_, slot - now, flush_due{lo});
      return;
    }
  }
  // What is left over of a batch was taken, but is not in this cut.
  const auto position =
      leftover_ ? leftover_->batch->records()[leftover_->first].offset
                : parts_->source->position();
  const auto hi = std::min(position, ledger_->limit().value_or(position));
  // Rows at or behind its end would be in the block and in the next one's.
  if (hi <= ledger_->open_last())
    return end(failure(said("was moved back under its reader, to offset "
                            + std::to_string(position))));
  close_cut(hi);
}

void partition_consumer_state::close_cut(std::int64_t hi) {
  parts_->metrics.cuts.add();
  has_cut_ = true;
  ages_ = 0;
  has_slot_ = false;
  std::vector<bool> takes_part;
  for (std::size_t i = 0; i < transformers_.size(); ++i)
    takes_part.push_back(ledger_->takes_part(i));
  const auto range = ledger_->close(hi);
  for (std::size_t i = 0; i < transformers_.size(); ++i)
    if (takes_part[i])
      self_->send(transformers_[i], cut_closed{range});
  commit();
  release_recorded();
}

void partition_consumer_state::fail_of(const kafka::source_failure& failure) {
  using kind = kafka::source_failure::kind;
  // The conditions are looked at again with the log as it is now.
  if (failure.what == kind::records_lost
      && parts_->recovery.records_lost == topology::on_records_lost::proceed)
    return end(caf::error{});
  end(sluice::actors::failure(said(failure.text)));
}

// -- ending -------------------------------------------------------------------

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

// -- telling ------------------------------------------------------------------

void partition_consumer_state::account() {
  held_memory_.release(
      [this](std::int64_t lo) { return ledger_->is_finished(lo); });
  memory_->hold(held_memory_.total());
}

std::vector<status::held_table> partition_consumer_state::held() const {
  std::vector<status::held_table> result;
  for (std::size_t i = 0; ledger_ && i < refusals_.size(); ++i)
    if (!refusals_[i].empty())
      result.push_back({parts_->tables[i].name, ledger_->frontier(i),
                        paused_[i] ? status::table_state::paused
                                   : status::table_state::stopped,
                        refusals_[i]});
  return result;
}

status::partition_state partition_consumer_state::state() const {
  using status::partition_state;
  if (draining_)
    return partition_state::draining;
  if (!ledger_)
    return partition_state::recovering;
  return may_take() ? partition_state::running : partition_state::throttled;
}

/// Records up to the end of the log that are not finished. Markers of
/// transactions occupy offsets but are no records: a partition that has passed
/// them and has nothing in flight does not lag.
std::int64_t
partition_consumer_state::lag(const kafka::log_bounds& bounds) const {
  if (!ledger_)
    return bounds.end - parts_->committed.offset.value_or(bounds.start);
  const auto idle = ledger_->settled() && !leftover_
                    && ledger_->open_records() == 0 && held().empty();
  auto done = ledger_->committed();
  if (idle)
    done = std::max(done, parts_->source->position());
  return std::max<std::int64_t>(0, bounds.end - std::max(done, bounds.start));
}

void partition_consumer_state::report() {
  send_report();
  self_->delayed_send(self_, report_interval, report_due{});
}

void partition_consumer_state::send_report() {
  const auto& where = parts_->source->where();
  auto& metrics = parts_->metrics;
  status::partition_report report;
  report.topic = where.topic;
  report.partition = where.partition;
  report.state = state();
  report.reason = trouble_.empty() ? notice_ : trouble_;
  report.held = held();
  if (!report.held.empty())
    report.retention_left = retention_left_;
  report.position = parts_->source->position();
  if (ledger_) {
    report.committed = ledger_->committed();
    report.in_flight_bytes = held_memory_.total();
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
}

partition_consumer_actor::behavior_type partition_consumer(
    partition_consumer_actor::stateful_pointer<partition_consumer_state> self,
    std::shared_ptr<partition_consumer_parts> parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const records_available&) { state.take_records(); },
      [&state](const records_decoded& decoded) { state.handle(decoded); },
      [&state](const flush_due& due) { state.flush(due.lo); },
      [&state](const commit_answered& answer) { state.handle(answer); },
      [&state](const retry_due&) { state.commit(); },
      [&state](const cut_written& written) { state.handle(written); },
      [&state](const split_wanted& wanted) { state.handle(wanted); },
      [&state](const table_refused& refused) { state.handle(refused); },
      [&state](const probe_due&) { state.probe(); },
      [&state](const sluice::actors::drain&) { state.drain(); },
      [&state](const table_reset& told) { state.handle(told); },
      [&state](const report_due&) { state.report(); },
  };
}

} // namespace sluice::actors
