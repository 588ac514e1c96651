#include "actors/table_transformer.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "actors/failure.hpp"
#include "kafka/dead_letter.hpp"

namespace sluice::actors {

namespace {

constexpr std::string_view rejected_by_clickhouse = "clickhouse_rejected";

} // namespace

void table_transformer_state::start(table_transformer_parts parts) {
  parts_ = std::move(parts);
  decoder_ = cdc::make_decoder(*parts_->layout);
  builder_ =
      std::make_unique<silver::block_builder>(parts_->layout->block_columns);
  for (const auto reason : cdc::reject_reasons)
    parts_->metrics.dead_letters(cdc::to_string(reason), 0);
  parts_->metrics.dead_letters(rejected_by_clickhouse, 0);
  follows_ = marks::is_followed(parts_->feeds);
}

void table_transformer_state::handle(const records_fetched& fetched) {
  std::size_t bytes = 0;
  if (!refused_) {
    const auto before = builder_->bytes();
    bytes = decode(fetched.batch->records().subspan(
        fetched.first, fetched.last - fetched.first));
    bytes += builder_->bytes() - before;
  }
  self_->send(parts_->consumer, records_decoded{fetched.number, bytes});
}

/// Returns the bytes of what is rejected.
std::size_t
table_transformer_state::decode(std::span<const kafka::record> records) {
  std::size_t rejected = 0;
  for (const auto& record : records) {
    newest_ms_ = std::max(newest_ms_, record.timestamp_ms);
    const auto outcome = decoder_->decode(record, parts_->where.partition,
                                          parts_->epoch, *builder_);
    if (follows_
        && (outcome.what == cdc::verdict::upserted
            || outcome.what == cdc::verdict::deleted))
      events_.push_back(outcome.op);
    if (outcome.what == cdc::verdict::ignored) {
      ++ignored_counts_[outcome.ignored];
    } else if (outcome.what == cdc::verdict::rejected) {
      ++rejected_counts_[outcome.rejected];
      rejected_.push_back(kafka::make_dead_letter(
          parts_->where, record, parts_->epoch, parts_->layout->table.name,
          cdc::to_string(outcome.rejected), outcome.detail));
      rejected += payload_bytes(rejected_.back());
    }
  }
  return rejected;
}

void table_transformer_state::publish_counts() {
  auto& metrics = parts_->metrics;
  records_counted counted{parts_->layout->table.name, 0, 0};
  for (const auto& [reason, count] : std::exchange(ignored_counts_, {})) {
    metrics.records_ignored(cdc::to_string(reason), count);
    counted.ignored += count;
  }
  for (const auto& [reason, count] : std::exchange(rejected_counts_, {})) {
    metrics.dead_letters(cdc::to_string(reason), count);
    counted.dead_letters += count;
  }
  if (counted.ignored + counted.dead_letters > 0)
    self_->send(parts_->reports, std::move(counted));
  const auto now = decoder_->policies();
  if (now.nulled > published_.nulled)
    metrics.values_changed("null", now.nulled - published_.nulled);
  if (now.clamped > published_.clamped)
    metrics.values_changed("clamp", now.clamped - published_.clamped);
  published_ = now;
}

void table_transformer_state::handle(const cut_closed& closed) {
  if (refused_)
    return;
  publish_counts();
  auto cut = std::make_shared<finished_cut>();
  cut->range = closed.range;
  cut->rows = builder_->finish();
  cut->dead_letters = std::exchange(rejected_, {});
  cut->newest_ms = std::exchange(newest_ms_, -1);
  cut->events = std::exchange(events_, {});
  finished_.push_back(std::move(cut));
}

void table_transformer_state::handle(const cut_recorded& recorded) {
  if (refused_)
    return;
  // Cuts are closed and recorded in the same order.
  const auto cut = finished_.front();
  finished_.pop_front();
  if (cut->range != recorded.range)
    return self_->quit(failure("cuts were recorded out of order"));
  cut->replayed = recorded.replayed;
  if (follows_) {
    find_touches(*cut);
    unfinished_.push_back(cut);
  }
  if (!recorded.splits.empty())
    cut->pieces.emplace(cut->range, offsets_of(*cut), recorded.splits);
  if (cut->dead_letters.empty())
    return begin(cut);
  keep(std::exchange(cut->dead_letters, {}), [this, cut] { begin(cut); });
}

/// Puts letters on the dead-letter topic and goes on when it has them.
void table_transformer_state::keep(std::vector<kafka::owned_record> letters,
                                   std::function<void()> then) {
  self_
      ->request(parts_->dead_letters, caf::infinite,
                records_rejected{
                    std::make_shared<const std::vector<kafka::owned_record>>(
                        std::move(letters))})
      .then([then = std::move(then)](const records_kept&) { then(); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// `<pipeline>/<table>/<topic>/<partition>/<epoch>/<lo>-<hi>`: bound to one
/// block for ever (docs/guarantees.md).
std::string table_transformer_state::token(const kafka::cut& range) const {
  return parts_->pipeline + "/" + parts_->layout->table.name + "/"
         + kafka::to_string(parts_->where) + "/" + std::to_string(parts_->epoch)
         + "/" + std::to_string(range.lo) + "-" + std::to_string(range.hi);
}

// -- whole or in pieces -------------------------------------------------------

std::vector<std::int64_t>
table_transformer_state::offsets_of(const finished_cut& cut) const {
  return cut.rows->int64_values(parts_->layout->offset_column);
}

piece_plan& table_transformer_state::pieces(finished_cut& cut) const {
  if (!cut.pieces)
    cut.pieces.emplace(cut.range, offsets_of(cut),
                       std::span<const std::int64_t>{});
  return *cut.pieces;
}

void table_transformer_state::begin(const cut_ptr& cut) {
  if (refused_)
    return;
  if (!follows_)
    return insert(cut);
  if (may_note(cut))
    note(cut);
  else
    waiting_.push_back(cut);
}

void table_transformer_state::insert(const cut_ptr& cut) {
  if (refused_)
    return;
  if (cut->pieces)
    return write_next(cut);
  if (cut->rows->rows() == 0)
    return finish(cut);
  write(cut, cut->range);
}

void table_transformer_state::write(const cut_ptr& cut,
                                    const kafka::cut& piece) {
  rows_ready work;
  work.token = token(piece);
  work.rows = cut->rows;
  work.piece = piece;
  work.partition = parts_->where.partition;
  work.epoch = parts_->epoch;
  // Some of a piece's rows may be there since the attempt that was refused: a
  // block over several of ClickHouse's partitions is not atomic.
  work.ask_first = cut->replayed || cut->pieces;
  work.tried_before = cut->replayed && !cut->outlived;
  work.newest_ms = cut->newest_ms;
  self_->request(parts_->writer, caf::infinite, std::move(work))
      .then([this, cut, piece](
                const rows_answered& answer) { handle(cut, piece, answer); },
            // The writer has failed: the pipeline starts again from its last
            // committed cut, with the same tokens.
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// One piece after the other, so that there are never many.
void table_transformer_state::write_next(const cut_ptr& cut) {
  const auto piece = pieces(*cut).next();
  if (piece)
    write(cut, *piece);
  else
    finish(cut);
}

void table_transformer_state::handle(const cut_ptr& cut,
                                     const kafka::cut& piece,
                                     const rows_answered& answer) {
  if (refused_)
    return;
  cut->crowded = cut->crowded || answer.crowded;
  switch (answer.fate) {
  case rows_fate::written:
    if (!cut->pieces)
      return finish(cut);
    cut->pieces->finish(piece);
    return write_next(cut);
  case rows_fate::refused:
    refused_ = true;
    finished_.clear();
    unfinished_.clear();
    waiting_.clear();
    dividing_.clear();
    return self_->send(
        parts_->consumer,
        table_refused{parts_->table, answer.reason, answer.paused});
  case rows_fate::rejected:
    cut->outlived = true;
    if (pieces(*cut).rows(piece) == 1)
      return quarantine(cut, piece, answer.reason);
    return divide(cut, piece, answer);
  case rows_fate::too_large:
    return divide(cut, piece, answer);
  }
}

void table_transformer_state::divide(const cut_ptr& cut,
                                     const kafka::cut& piece,
                                     const rows_answered& answer) {
  auto& plan = pieces(*cut);
  plan.halve(piece);
  parts_->metrics.splits.add();
  dividing_[cut->range.lo] = cut;
  self_->send(parts_->consumer,
              split_wanted{parts_->table, cut->range, plan.ends(),
                           answer.fate == rows_fate::too_large});
}

void table_transformer_state::handle(const split_recorded& recorded) {
  const auto found = dividing_.find(recorded.range.lo);
  if (found == dividing_.end())
    return;
  const auto cut = found->second;
  dividing_.erase(found);
  write_next(cut);
}

/// The payload is gone since it was decoded: the record is read again.
void table_transformer_state::quarantine(const cut_ptr& cut,
                                         const kafka::cut& piece,
                                         const std::string& reason) {
  const auto offset = pieces(*cut).first_row(piece);
  self_
      ->request(parts_->records, caf::infinite,
                fetch_record{parts_->where, offset})
      .then(
          [this, cut, piece, offset, reason](const record_fetched& fetched) {
            const auto batch = kafka::make_record_batch(
                {fetched.record.value_or(kafka::owned_record{
                    parts_->where, offset, -1, {}, {}, {}})});
            const auto why = fetched.record
                                 ? reason
                                 : reason
                                       + " (the topic has the record no more: "
                                         "only its offset is known)";
            parts_->metrics.rows_quarantined.add();
            parts_->metrics.dead_letters(rejected_by_clickhouse, 1);
            self_->send(parts_->reports,
                        records_counted{parts_->layout->table.name, 1, 0});
            keep({kafka::make_dead_letter(
                     parts_->where, batch->records().front(), parts_->epoch,
                     parts_->layout->table.name, rejected_by_clickhouse, why)},
                 [this, cut, piece] {
                   cut->pieces->finish(piece);
                   write_next(cut);
                 });
          },
          [this](caf::error& why) { self_->quit(std::move(why)); });
}

/// ClickHouse has all of the cut that it takes.
void table_transformer_state::finish(const cut_ptr& cut) {
  if (follows_)
    mark(cut);
  else
    complete(cut);
}

void table_transformer_state::complete(const cut_ptr& cut) {
  if (!refused_)
    self_->send(parts_->consumer,
                cut_written{parts_->table, cut->range, cut->crowded});
}

table_transformer_actor::behavior_type table_transformer(
    table_transformer_actor::stateful_pointer<table_transformer_state> self,
    table_transformer_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const records_fetched& fetched) { state.handle(fetched); },
      [&state](const cut_closed& closed) { state.handle(closed); },
      [&state](const cut_recorded& recorded) { state.handle(recorded); },
      [&state](const split_recorded& recorded) { state.handle(recorded); },
  };
}

} // namespace sluice::actors
