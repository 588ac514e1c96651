// coordinator: becoming the leader, and following the control log.
#include <algorithm>
#include <utility>

#include "actors/coordinator.hpp"
#include "actors/log.hpp"
#include "gold/runner.hpp"
#include "plan/table_command.hpp"

namespace sluice::actors {

namespace {

constexpr auto subject = "coordinator";
/// Of one gold in one record: 500 kB.
constexpr std::size_t ranges_max = 20'000;

/// By which a mark says that it is that of a table's reset, not of a cut: no
/// topic has that name.
gold::cut_name reset_name(const std::string& table, std::uint16_t epoch) {
  return {table, "", 0, epoch, 0, 1};
}

/// The same of records that are gone; no table has that name either.
gold::cut_name loss_name(const gold::time_range& offsets) {
  return {"(control log)", "", 0, 0, offsets.from, offsets.to};
}

/// All windows that a gold was ever run for.
void add_windows(gold::cut_mark& mark, const std::string& gold,
                 const std::vector<gold::ledger_entry>& runs) {
  for (const auto& run : runs)
    if (run.gold == gold)
      gold::add(mark.golds[gold], {run.what.start.time_since_epoch().count(),
                                   run.what.end.time_since_epoch().count()});
  // A record has room for so many.
  if (const auto found = mark.golds.find(gold); found != mark.golds.end())
    gold::limit(found->second, ranges_max);
}

} // namespace

void coordinator_state::handle(const leadership_changed& change) {
  if (change.leads == elected_)
    return;
  elected_ = change.leads;
  step_down();
  if (!elected_ || parts_->golds.empty())
    return;
  log_line(subject, "is elected: reads what has changed");
  stand();
}

/// What is under way goes on, but its outcome is passed over.
void coordinator_state::step_down() {
  ++election_;
  agenda_.reset();
  log_.reset();
  term_.reset();
  term_asked_for_ = false;
  term_seen_ = false;
  reading_state_ = false;
  has_state_ = false;
  state_checked_ = false;
  reading_log_ = false;
  reading_ledger_ = false;
  unconfirmed_.reset();
  running_.clear();
  resets_.clear();
  lost_.reset();
  lost_is_marked_ = false;
  reread_for_ = 0;
  marked_resets_.clear();
  own_reset_marks_.clear();
  unsent_.clear();
  for (const auto about : {&trouble_lines::ledger, &trouble_lines::reading,
                           &trouble_lines::appending})
    tell_trouble(about, {});
}

void coordinator_state::stand() {
  if (parts_->golds.empty())
    return;
  // plan::lay_out() has made their windows once: they can be made.
  log_ = gold::dirty_windows::make(parts_->golds).value();
  nonce_ = gold::make_run_id(parts_->now());
  read_snapshot();
}

// -- the state that a predecessor has saved -----------------------------------

void coordinator_state::read_snapshot() {
  if (reading_state_ || !log_ || has_state_)
    return;
  reading_state_ = true;
  self_->request(parts_->ledger, caf::infinite, actors::read_snapshot{})
      .then(
          [this, election = election_](const snapshot_read& read) {
            if (election == election_)
              handle(read);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::handle(const snapshot_read& read) {
  reading_state_ = false;
  if (!read.state)
    return retry_log(read.state.error().message);
  const auto& saved = *read.state;
  if (!saved.text.empty()) {
    run_term_ = std::max(run_term_, saved.term + 1);
    if (const auto restored = log_->restore(saved.text, parts_->now());
        !restored)
      log_line(subject,
               restored.error() + "; the whole control log is read instead");
  }
  saved_ = log_->next();
  saved_before_ = saved_;
  has_state_ = true;
  state_checked_ = log_->next() == 0;
  next_save_ = self_->clock().now() + parts_->pace.save;
  read_on();
}

/// A state of a log that is no more (its topic was deleted) names offsets that
/// this log may never reach.
void coordinator_state::check_state(const kafka::control_batch& beginning) {
  state_checked_ = true;
  if (beginning.end >= log_->next())
    return;
  log_line(subject,
           "the control log was made anew: it ends at "
               + std::to_string(beginning.end) + ", and was saved up to "
               + std::to_string(log_->next()) + "; it is read from its start");
  log_->begin_anew();
}

void coordinator_state::save() {
  const auto now = self_->clock().now();
  if (!agenda_ || now < next_save_ || log_->next() == saved_
      || !resets_beyond(marked_resets_).empty() || lost_)
    return;
  next_save_ = now + parts_->pace.save;
  saved_before_ = std::exchange(saved_, log_->next());
  self_
      ->request(parts_->ledger, caf::infinite,
                save_snapshot{{run_term_, saved_, log_->snapshot()}})
      .then(
          [this, election = election_](const snapshot_saved& saved) {
            if (!saved.error) {
              if (election == election_)
                trim();
              return;
            }
            log_line(subject, "the state of the control log is not saved: "
                                  + saved.error->message);
            if (election == election_)
              saved_ = -1;
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// Up to the state before the newest one: who has read that goes on from there.
void coordinator_state::trim() {
  if (!parts_->controls || saved_before_ - log_start_ < parts_->pace.trim_after)
    return;
  log_start_ = saved_before_;
  self_->send(parts_->controls, trim_log{saved_before_});
}

// -- the log ------------------------------------------------------------------

void coordinator_state::read_on() {
  if (reading_log_ || !log_ || !has_state_)
    return;
  reading_log_ = true;
  read_confirms_ = unconfirmed_.has_value();
  const auto from = state_checked_ ? log_->next() : 0;
  self_->request(parts_->log, caf::infinite, read_log{from})
      .then(
          [this, election = election_](const log_read& read) {
            if (election == election_)
              handle(read);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::handle(const log_read& read) {
  reading_log_ = false;
  if (!read.batch)
    return retry_log(read.batch.error());
  log_wait_.reset();
  tell_trouble(&trouble_lines::reading, {});
  if (!state_checked_) {
    check_state(*read.batch);
    return read_on();
  }
  if (is_missing(*read.batch))
    return;
  for (const auto& record : read.batch->records)
    see(record);
  log_->pass(read.batch->next);
  if (is_deposed()) {
    log_line(subject, log_->leader()
                          ? "node " + log_->leader()->node + " leads now"
                          : "its term is gone from the control log");
    next_stand_ = self_->clock().now() + parts_->pace.stand;
    return step_down();
  }
  if (read.batch->at_end()) {
    if (!std::exchange(term_asked_for_, true))
      begin_term();
    if (term_seen_ && !term_) {
      term_ = log_->leader()->number;
      log_line(subject, "leads gold runs, term " + std::to_string(*term_));
      read_ledger();
    }
    if (unconfirmed_ && read_confirms_)
      plan();
  }
  run_due();
  save();
  read_on();
}

/// Records that were not read are gone. Where a predecessor has trimmed the log
/// since its state was read, the state that is there now has them; otherwise
/// somebody else has deleted them, or the state.
bool coordinator_state::is_missing(const kafka::control_batch& batch) {
  log_start_ = std::max(log_start_, batch.start);
  if (batch.start <= log_->next())
    return false;
  if (std::exchange(reread_for_, batch.start) != batch.start) {
    has_state_ = false;
    log_ = gold::dirty_windows::make(parts_->golds).value();
    read_snapshot();
    return true;
  }
  lost_ = gold::time_range{lost_ ? lost_->from : log_->next(), batch.start};
  log_line(subject,
           "the control log begins at offset " + std::to_string(batch.start)
               + ", and was read up to " + std::to_string(log_->next())
               + ": which windows have changed in between is not known. All "
                 "that were ever run are run again; for others: `sluice gold "
                 "run FILE NAME --from --to`");
  lost_is_marked_ = false;
  log_->pass(batch.start);
  return false;
}

/// Kafka's word, that this node is not elected any more, is on its way; if not,
/// the other did not know that it was not.
bool coordinator_state::is_deposed() const {
  return term_seen_ && (!log_->leader() || log_->leader()->nonce != nonce_);
}

/// When a window became dirty is when the log was told, however late this node
/// reads it: a schedule that fired in between takes it up.
gold::instant
coordinator_state::time_of(const kafka::control_record& record) const {
  const gold::instant told{std::chrono::milliseconds{record.timestamp_ms}};
  return record.timestamp_ms > 0 ? std::min(told, parts_->now())
                                 : parts_->now();
}

void coordinator_state::see(const kafka::control_record& record) {
  const auto passed_over = [&](const std::string& reason) {
    parts_->log_metrics.passed_over.add();
    log_line("control log", "offset " + std::to_string(record.offset)
                                + " is passed over: " + reason);
  };
  const auto message = gold::parse_control_message(record.bytes);
  if (!message)
    return passed_over(message.error());
  if (*message) {
    const auto stale = log_->stale_runs();
    log_->obey(record.offset, **message, time_of(record));
    if (log_->stale_runs() > stale)
      passed_over("a run of a coordinator that does not lead any more");
    if (const auto* term = std::get_if<gold::term_begun>(&**message))
      term_seen_ = term_seen_ || term->nonce == nonce_;
    if (const auto* marks = std::get_if<gold::cuts_marked>(&**message))
      for (const auto& each : marks->marks)
        see(each.cut);
    return;
  }
  // Its own reader says what is wrong with a command. Resets that are restated
  // are in the saved state, which waits for their marks.
  const auto command = plan::parse_table_command(record.bytes);
  if (command && *command && (*command)->what == plan::table_verb::reset) {
    auto& epoch = resets_[(*command)->table];
    epoch = std::max(epoch, (*command)->epoch);
  }
}

/// Marks that are not of a cut.
void coordinator_state::see(const gold::cut_name& marked) {
  if (marked == reset_name(marked.table, marked.epoch))
    marked_resets_[marked.table] = marked.epoch;
  else if (lost_ && marked == loss_name(*lost_))
    lost_.reset();
}

void coordinator_state::begin_term() {
  append(gold::encode(gold::term_begun{parts_->node, nonce_}));
}

/// Repeats until the log has it, while this election lasts. It may have it
/// twice then, which says nothing new.
void coordinator_state::append(std::string record) {
  self_->request(parts_->log, caf::infinite, append_to_log{record})
      .then(
          [this, record, election = election_](const log_appended& done) {
            if (election != election_)
              return;
            if (done.error.empty()) {
              append_wait_.reset();
              return tell_trouble(&trouble_lines::appending, {});
            }
            tell_trouble(&trouble_lines::appending,
                         "cannot write to the control log: " + done.error);
            if (unsent_.empty()) {
              const auto wait = append_wait_.next();
              next_append_ = self_->clock().now() + wait;
              self_->delayed_send(self_, wait, retry_due{});
            }
            unsent_.push_back(record);
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void coordinator_state::append_again() {
  if (self_->clock().now() < next_append_)
    return;
  for (auto& each : std::exchange(unsent_, {}))
    append(std::move(each));
}

void coordinator_state::retry_log(const std::string& reason) {
  tell_trouble(&trouble_lines::reading, reason);
  self_->delayed_send(self_, log_wait_.next(), retry_due{});
}

// -- resets of tables ---------------------------------------------------------

coordinator_state::table_epochs
coordinator_state::resets_beyond(const table_epochs& marked) const {
  table_epochs result;
  for (const auto& [table, epoch] : resets_) {
    const auto found = marked.find(table);
    if (found == marked.end() || found->second < epoch)
      result.emplace(table, epoch);
  }
  return result;
}

/// The rows of a table that was reset are gone, from every window that has ever
/// been run.
void coordinator_state::mark_resets(
    const std::vector<gold::ledger_entry>& runs) {
  for (const auto& [table, epoch] : resets_beyond(marked_resets_)) {
    auto& own = own_reset_marks_[table];
    if (own >= epoch)
      continue;
    own = epoch;
    gold::cut_mark mark{reset_name(table, epoch), {}, {}};
    for (const auto& gold : parts_->golds) {
      const auto joins =
          std::ranges::find(gold.joins, table, &topology::gold_join::table)
          != gold.joins.end();
      if (gold.window.over_table != table && !joins)
        continue;
      add_windows(mark, gold.name, runs);
    }
    log_line(subject, "table " + table
                          + " was reset: all windows of its golds are dirty");
    append(gold::encode(gold::cuts_marked{parts_->node, {}, {mark}}));
  }
}

void coordinator_state::mark_lost(const std::vector<gold::ledger_entry>& runs) {
  if (!lost_ || std::exchange(lost_is_marked_, true))
    return;
  gold::cut_mark mark{loss_name(*lost_), {}, {}};
  for (const auto& gold : parts_->golds)
    add_windows(mark, gold.name, runs);
  append(gold::encode(gold::cuts_marked{parts_->node, {}, {mark}}));
}

} // namespace sluice::actors
