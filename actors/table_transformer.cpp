#include "actors/table_transformer.hpp"

#include "actors/failure.hpp"
#include "kafka/dead_letter.hpp"

namespace sluice::actors {

void table_transformer_state::start(table_transformer_parts parts) {
  parts_ = std::move(parts);
  decoder_ = cdc::make_decoder(*parts_->layout);
  builder_ =
      std::make_unique<silver::block_builder>(parts_->layout->block_columns);
}

void table_transformer_state::decode(const records_fetched& fetched) {
  const auto records = fetched.batch->records().subspan(
      fetched.first, fetched.last - fetched.first);
  for (const auto& record : records) {
    newest_ms_ = std::max(newest_ms_, record.timestamp_ms);
    const auto outcome = decoder_->decode(record, parts_->where.partition,
                                          parts_->epoch, *builder_);
    if (outcome.what == cdc::verdict::ignored) {
      ++ignored_counts_[outcome.ignored];
    } else if (outcome.what == cdc::verdict::rejected) {
      ++rejected_counts_[outcome.rejected];
      rejected_.push_back(kafka::make_dead_letter(
          parts_->where, record, parts_->layout->table.name,
          cdc::to_string(outcome.rejected), outcome.detail));
    }
  }
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
  publish_counts();
  finished_.push_back({closed.range, builder_->finish(),
                       std::exchange(rejected_, {}),
                       std::exchange(newest_ms_, -1)});
}

void table_transformer_state::handle(const cut_recorded& recorded) {
  // Cuts are closed and recorded in the same order.
  auto cut = std::move(finished_.front());
  finished_.pop_front();
  if (cut.range != recorded.range)
    return self_->quit(failure("cuts were recorded out of order"));
  if (cut.dead_letters.empty())
    return write_rows(cut);
  auto letters = std::make_shared<const std::vector<kafka::owned_record>>(
      std::exchange(cut.dead_letters, {}));
  self_
      ->request(parts_->dead_letters, caf::infinite,
                records_rejected{std::move(letters)})
      .then([this, cut](const records_kept&) { write_rows(cut); },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// `<pipeline>/<table>/<topic>/<partition>/<epoch>/<lo>-<hi>`: bound to one
/// block for ever (docs/architecture.md).
std::string table_transformer_state::token(const kafka::cut& range) const {
  return parts_->pipeline + "/" + parts_->layout->table.name + "/"
         + kafka::to_string(parts_->where) + "/" + std::to_string(parts_->epoch)
         + "/" + std::to_string(range.lo) + "-" + std::to_string(range.hi);
}

void table_transformer_state::write_rows(const finished_cut& cut) {
  const auto range = cut.range;
  if (cut.rows->rows() == 0)
    return self_->send(parts_->consumer, cut_written{range});
  self_
      ->request(parts_->writer, caf::infinite,
                rows_ready{token(range), cut.rows, cut.newest_ms})
      .then(
          [this, range](const rows_written&) {
            self_->send(parts_->consumer, cut_written{range});
          },
          // The writer has failed: the pipeline starts again from its last
          // committed cut, with the same tokens.
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

table_transformer_actor::behavior_type table_transformer(
    table_transformer_actor::stateful_pointer<table_transformer_state> self,
    table_transformer_parts parts) {
  keep_failure_text(self);
  auto& state = self->state;
  state.start(std::move(parts));
  return {
      [&state](const records_fetched& fetched) { state.decode(fetched); },
      [&state](const cut_closed& closed) { state.handle(closed); },
      [&state](const cut_recorded& recorded) { state.handle(recorded); },
  };
}

} // namespace sluice::actors
