// partition_consumer: committing, and what its tables say.
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"
#include "actors/partition_consumer.hpp"

namespace sluice::actors {

namespace {

constexpr std::chrono::milliseconds commit_retry_delay{200};

} // namespace

// -- committing ---------------------------------------------------------------

void partition_consumer_state::commit() {
  auto request = std::optional<kafka::commit_request>{};
  if (restart_) {
    if (restart_in_flight_ || (ledger_ && ledger_->commit_in_flight()))
      return;
    request = restart_;
    restart_in_flight_ = true;
  } else if (ledger_) {
    request = ledger_->next_commit();
    if (request && !audit(*request))
      return;
  }
  if (!request)
    return;
  const partition_consumer_actor me{self_};
  parts_->source->commit(request->offset, std::move(request->metadata),
                         [me](kafka::commit_outcome outcome) {
                           caf::anon_send(me,
                                          commit_answered{std::move(outcome)});
                         });
}

/// Looks at what goes to Kafka as a stranger would; false: it must not, because
/// no new owner could read it.
bool partition_consumer_state::audit(const kafka::commit_request& request) {
  const auto sent =
      kafka::decode_position_metadata(request.metadata, request.offset);
  if (!sent) {
    parts_->metrics.cut_gaps.add();
    end(failure(said("BUG: " + sent.error())));
    return false;
  }
  for (std::size_t i = 0; i < audits_.size(); ++i) {
    const auto at = position_of(*sent, parts_->tables[i].name);
    if (ledger_->attached(i) && (!at || !audits_[i].committed(at->frontier))) {
      parts_->metrics.cut_gaps.add();
      log_line(kafka::to_string(parts_->source->where()),
               "BUG: a position is committed for table "
                   + parts_->tables[i].name
                   + " that it was not acknowledged: " + request.metadata);
    }
  }
  return true;
}

void partition_consumer_state::handle(const commit_answered& answer) {
  using kafka::commit_status;
  const auto& outcome = answer.outcome;
  const auto restarts = std::exchange(restart_in_flight_, false);
  if (outcome.status == commit_status::recorded) {
    parts_->metrics.commits.add();
    trouble_.clear();
    if (restarts)
      return found_ ? confirmed() : end(caf::error{});
    ledger_->commit_recorded();
    release_recorded();
    commit();
    end_if_settled();
    return take_records(); // there may be room again
  }
  if (!restarts)
    ledger_->commit_failed();
  parts_->metrics.commit_failures.add();
  trouble_ = "commit: " + outcome.reason;
  switch (outcome.status) {
  case commit_status::not_owner:
    parts_->metrics.commits_refused.add();
    return end(failure(said("is no longer ours: " + outcome.reason)));
  case commit_status::refused:
    parts_->metrics.commits_refused.add();
    return end(failure(said("commit refused: " + outcome.reason)));
  default:
    self_->delayed_send(self_, commit_retry_delay, retry_due{});
  }
}

void partition_consumer_state::release_recorded() {
  for (const auto& cut : ledger_->take_recorded()) {
    if (cut.replayed)
      parts_->metrics.intents_replayed.add();
    for (std::size_t i = 0; i < transformers_.size(); ++i)
      if (ledger_->waits_for(i, cut.range.lo))
        self_->send(transformers_[i],
                    cut_recorded{cut.range, cut.replayed,
                                 ledger_->splits(i, cut.range)});
  }
  for (const auto& split : ledger_->take_splits())
    if (ledger_->attached(split.table))
      self_->send(transformers_[split.table],
                  split_recorded{split.range,
                                 ledger_->splits(split.table, split.range)});
}

// -- what tables say ----------------------------------------------------------

void partition_consumer_state::handle(const cut_written& written) {
  if (!ledger_->acknowledge(written.table, written.range.lo))
    return;
  if (!audits_[written.table].acknowledged(written.range)) {
    parts_->metrics.cut_overlaps.add();
    log_line(kafka::to_string(parts_->source->where()),
             "BUG: table " + parts_->tables[written.table].name
                 + " has acknowledged offsets from "
                 + std::to_string(written.range.lo) + " twice");
  }
  pace_->written(written.crowded);
  account();
  commit();
  end_if_settled();
  take_records();
}

void partition_consumer_state::handle(const split_wanted& wanted) {
  if (wanted.too_large)
    pace_->too_large();
  if (!ledger_->attached(wanted.table))
    return;
  if (!ledger_->split(wanted.table, wanted.range.lo, wanted.splits))
    return end(failure(said("the pieces of a cut of table "
                            + parts_->tables[wanted.table].name
                            + " do not fit the offset's metadata")));
  commit();
}

void partition_consumer_state::handle(const table_refused& refused) {
  if (!ledger_->attached(refused.table))
    return;
  log_line(kafka::to_string(parts_->source->where()),
           "goes on without table " + parts_->tables[refused.table].name
               + ", which stays at offset "
               + std::to_string(ledger_->frontier(refused.table)) + ": "
               + refused.reason);
  ledger_->detach(refused.table);
  refusals_[refused.table] = refused.reason;
  paused_[refused.table] = refused.paused;
  // Nobody is left at this place, but someone further on.
  if (ledger_->taking_part() == 0)
    for (std::size_t i = 0; i < refusals_.size(); ++i)
      if (ledger_->attached(i))
        drain();
  account();
  commit();
  end_if_settled();
  take_records();
}

} // namespace sluice::actors
