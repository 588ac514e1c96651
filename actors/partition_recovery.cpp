// partition_consumer: finding out where the partition stands.
#include <algorithm>
#include <utility>

#include "actors/failure.hpp"
#include "actors/log.hpp"
#include "actors/partition_consumer.hpp"

namespace sluice::actors {

namespace {

/// A table that was refused is asked for this often; its writer knows whether
/// it is worth a try.
constexpr std::chrono::seconds probe_interval{10};

std::vector<std::uint16_t> epochs_of(const takeover& from) {
  std::vector<std::uint16_t> result;
  for (const auto& each : from.tables)
    result.push_back(each.at.epoch);
  return result;
}

kafka::commit_request to_commit(const takeover& from) {
  auto metadata = from.metadata;
  metadata.tables.clear();
  for (const auto& each : from.tables)
    metadata.tables.push_back(each.at);
  return {from.offset, kafka::encode(metadata, from.offset)};
}

} // namespace

std::string partition_consumer_state::said(const std::string& what) const {
  return kafka::to_string(parts_->source->where()) + ": " + what;
}

void partition_consumer_state::start(
    std::shared_ptr<partition_consumer_parts> parts) {
  parts_ = std::move(parts);
  memory_.emplace(parts_->memory);
  auto metadata = kafka::decode_position_metadata(
      parts_->committed.metadata, parts_->committed.offset.value_or(0));
  if (!metadata)
    return end(failure(said(metadata.error())));
  const auto of = std::exchange(metadata->pipeline, parts_->pipeline);
  if (of != 0 && of != parts_->pipeline)
    return end(failure(said("the committed offset is of another pipeline; two "
                            "pipelines cannot share a consumer group: give "
                            "this one its own (kafka.group)")));
  standing_.committed = parts_->committed;
  standing_.metadata = std::move(*metadata);
  standing_.bounds = parts_->bounds;
  standing_.partition_count = parts_->partition_count;
  refusals_.resize(parts_->tables.size());
  paused_.resize(parts_->tables.size());
  for (const auto& table : parts_->tables) {
    table_standing one;
    one.name = table.name;
    standing_.tables.push_back(std::move(one));
    standing_.ordered_by_partition =
        standing_.ordered_by_partition || table.ordered_by_partition;
  }
  ask_tables();
  report();
}

void partition_consumer_state::ask_tables() {
  unanswered_ = parts_->tables.size();
  for (std::size_t i = 0; i < parts_->tables.size(); ++i) {
    const auto known = position_of(standing_.metadata, parts_->tables[i].name);
    const auto epoch = known ? known->epoch : standing_.metadata.epoch;
    const auto from = known ? known->frontier : 0;
    if (!known)
      ask_start(i);
    self_
        ->request(parts_->tables[i].writer, caf::infinite,
                  find_newest{parts_->source->where().partition, epoch, from})
        .then(
            [this, i, known](const newest_found& found) {
              auto& standing = standing_.tables[i];
              standing.newest = found.offset;
              standing.refused = found.refused;
              standing.reset = found.reset;
              paused_[i] = found.paused;
              if (known && known->epoch < found.reset)
                ask_start(i);
              answered();
            },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
  }
}

/// Where a table begins that has no position yet, or was reset.
void partition_consumer_state::ask_start(std::size_t table) {
  const auto& start = parts_->tables[table].start;
  auto& standing = standing_.tables[table];
  using kind = topology::table_start::kind;
  if (start.from == kind::latest)
    standing.starts_at_end = true;
  if (start.from == kind::offset)
    standing.start = start.offset;
  if (start.from != kind::timestamp)
    return;
  ++unanswered_;
  const std::chrono::milliseconds since{start.time.time_since_epoch()};
  self_
      ->request(parts_->records, caf::infinite,
                find_offset{parts_->source->where(), since.count()})
      .then(
          [this, table](const offset_found& found) {
            standing_.tables[table].start = found.offset;
            answered();
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

void partition_consumer_state::answered() {
  if (--unanswered_ > 0 || draining_)
    return;
  found_ = take_over(standing_, parts_->recovery);
  const auto& committed = standing_.committed;
  if (!committed.offset && *found_)
    return confirmed();
  // A node that Kafka has expelled without its knowledge must neither insert
  // what its successor divides nor tell what it sees: only the owner can commit
  // the position, as it is, once more.
  restart_ = committed.offset
                 ? kafka::commit_request{*committed.offset, committed.metadata}
                 : to_commit(first_position(standing_));
  commit();
}

void partition_consumer_state::confirmed() {
  auto from = std::move(*std::exchange(found_, std::nullopt));
  restart_.reset();
  if (outdated_)
    return end(caf::error{});
  if (!from)
    return end(failure(said(from.error())));
  begin(std::move(*from));
}

/// Opened anew, the partition has the table where its reset says.
void partition_consumer_state::handle(const table_reset& told) {
  for (std::size_t i = 0; i < parts_->tables.size(); ++i) {
    const auto known = epochs_.empty() ? standing_.tables[i].reset : epochs_[i];
    if (parts_->tables[i].name != told.table || known >= told.epoch)
      continue;
    if (ledger_)
      drain();
    else
      outdated_ = true;
  }
}

/// A condition that a policy let pass is shown as long as this life lasts.
void partition_consumer_state::tell(const std::vector<std::string>& notes) {
  for (const auto& note : notes) {
    log_line(kafka::to_string(parts_->source->where()), note);
    notice_ += (notice_.empty() ? "" : "; ") + note;
  }
}

void partition_consumer_state::begin(takeover from) {
  tell(from.notes);
  for (std::size_t i = 0; i < refusals_.size(); ++i)
    refusals_[i] = standing_.tables[i].refused;
  const auto changed = from.metadata.epoch != standing_.metadata.epoch;
  // What silver was asked was about the former epoch, and a former owner may
  // still commit: the new one counts once Kafka has it.
  if (changed)
    return restart_from(from);
  pace_.emplace(parts_->tuning, parts_->partition_count);
  const partition_consumer_actor me{self_};
  epochs_ = epochs_of(from);
  transformers_ = parts_->spawn_transformers(me, epochs_);
  for (const auto& each : transformers_)
    self_->link_to(each);
  ledger_.emplace(from.offset, std::move(from.metadata),
                  std::move(from.tables));
  for (std::size_t i = 0; i < refusals_.size(); ++i)
    audits_.emplace_back(ledger_->frontier(i));
  parts_->source->on_available(
      [me] { caf::anon_send(me, records_available{}); });
  // The record before the first one tells whether it is the same topic, unless
  // a table that is left behind holds the offset far back.
  auto first = ledger_->open_lo();
  if (from.expected && ledger_->committed() == first) {
    expected_ = from.expected;
    first = expected_->offset;
  }
  // Retention may have taken the first records of a recorded cut.
  parts_->source->start(std::max(first, standing_.bounds.start));
  commit();
  if (!notice_.empty())
    send_report();
  self_->send(self_, records_available{});
  self_->delayed_send(self_, probe_interval, probe_due{});
}

/// Whether the first record that was read is the one of then. A log that was
/// compacted may have lost it, and then nothing is known.
bool partition_consumer_state::is_same_topic(const kafka::record& first) {
  const auto expected = std::exchange(expected_, std::nullopt);
  if (!expected || first.offset != expected->offset
      || kafka::fingerprint_of(first) == *expected)
    return true;
  auto from =
      take_over_replaced(standing_, parts_->recovery,
                         "the record at offset " + std::to_string(first.offset)
                             + " is not the one that was there");
  if (from) {
    tell(from->notes);
    restart_from(*from);
  } else {
    end(failure(said(from.error())));
  }
  return false;
}

/// Commits a position that begins a new epoch; the pipeline then starts there.
void partition_consumer_state::restart_from(const takeover& from) {
  restart_ = to_commit(from);
  commit();
}

/// One question at a time: the broker may be slow to answer.
void partition_consumer_state::ask_retention() {
  if (std::exchange(asking_retention_, true))
    return;
  self_
      ->request(parts_->records, caf::infinite,
                find_retention{parts_->source->where(), ledger_->committed()})
      .then(
          [this](const retention_told& told) {
            asking_retention_ = false;
            retention_left_ = told.left;
          },
          [this](caf::error& reason) { self_->quit(std::move(reason)); });
}

/// Asks for the tables that are left behind. One that can be written begins
/// where it is: the pipeline starts again there, once nothing is in flight.
void partition_consumer_state::probe() {
  self_->delayed_send(self_, probe_interval, probe_due{});
  if (draining_ || probing_ || !ledger_ || held().empty())
    return;
  ask_retention();
  for (std::size_t i = 0; i < refusals_.size(); ++i) {
    if (refusals_[i].empty())
      continue;
    probing_ = true;
    self_
        ->request(parts_->tables[i].writer, caf::infinite,
                  find_newest{parts_->source->where().partition, 0,
                              ledger_->frontier(i)})
        .then(
            [this, i](const newest_found& found) {
              probing_ = false;
              if (!found.refused.empty()) {
                refusals_[i] = found.refused;
                paused_[i] = found.paused;
                return;
              }
              log_line(kafka::to_string(parts_->source->where()),
                       "table " + parts_->tables[i].name
                           + " can be written again: starts where it is");
              drain();
            },
            [this](caf::error& reason) { self_->quit(std::move(reason)); });
  }
}

} // namespace sluice::actors
