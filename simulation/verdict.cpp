#include "simulation/verdict.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

namespace sluice::simulation {

namespace {

using row_id = clickhouse_server::row_id;
/// Table, partition and offset of a dead letter.
using letter_id = std::tuple<std::string, std::string, std::string>;

std::string place(const std::string& table, const row_id& where) {
  return table + " " + std::to_string(where.first) + "@"
         + std::to_string(where.second);
}

std::set<letter_id> letters_of(const cluster& what) {
  std::set<letter_id> result;
  for (const auto& letter : what.logs.letters) {
    const auto header = [&](std::string_view name) {
      for (const auto& each : letter.headers)
        if (each.name == name)
          return each.value.value_or("");
      return std::string{};
    };
    result.emplace(header("sluice.table"), header("sluice.partition"),
                   header("sluice.offset"));
  }
  return result;
}

class table_verdict {
public:
  table_verdict(const cluster& what, const topology::table& table,
                const std::set<letter_id>& letters,
                std::vector<std::string>& to)
      : what_{what}, table_{table}, letters_{letters}, to_{to},
        stored_{what.clickhouse.rows(table.name)} {}

  void judge() {
    for (const auto& [where, log] : what_.logs.logs())
      if (where.topic == table_.topic)
        for (const auto& record : log.records)
          judge_record(record);
    for (const auto& [id, each] : stored_) {
      // A latest table may have a row twice: it shows it once.
      if (each.copies > 1 && table_.mode != topology::table_mode::latest)
        say(place(table_.name, id) + " is there " + std::to_string(each.copies)
            + " times");
      if (!expected_.contains(id))
        say(place(table_.name, id) + " should not be there");
      if (each.what.epoch < what_.clickhouse.least_epoch(table_.name))
        say(place(table_.name, id) + " is of a former life");
    }
    if (table_.mode == topology::table_mode::latest)
      judge_latest();
  }

private:
  void say(const std::string& text) { to_.push_back(text); }

  void judge_record(const kafka::owned_record& record) {
    const row_id id{record.where.partition, record.offset};
    const auto fate = fate_of(record, table_);
    if (fate == fate::nothing)
      return;
    const auto deleted = what_.logs.log(record.where).has_lost(record.offset);
    if (fate == fate::dead_letter
        || what_.clickhouse.is_poisoned(table_.name, id))
      return deleted ? void() : judge_letter(id);
    expected_.insert(id);
    const auto found = stored_.find(id);
    // Retention was faster, and was told.
    if (found == stored_.end() && deleted)
      return;
    newest_[id_of(record)] = &record;
    if (table_.mode == topology::table_mode::latest)
      return; // a merge may have dropped it
    if (found == stored_.end())
      return say(place(table_.name, id) + " is missing");
    judge_values(record, fate, found->second.what);
  }

  void judge_values(const kafka::owned_record& record, fate fate,
                    const row& row) {
    const row_values found{row.amount, row.link, row.at};
    if (row.id != id_of(record) || row.deleted != (fate == fate::deletion)
        || (fate == fate::row && found != values_of(record)))
      say(place(table_.name, {row.partition, row.offset})
          + " has other values than its record");
  }

  void judge_letter(const row_id& id) {
    if (!letters_.contains(
            {table_.name, std::to_string(id.first), std::to_string(id.second)}))
      say(place(table_.name, id) + " is not among the dead letters");
  }

  /// What ReplacingMergeTree shows of each key must be its newest record.
  void judge_latest() {
    std::map<std::int64_t, const row*> shown;
    for (const auto& each : stored_) {
      const auto& candidate = each.second.what;
      auto& best = shown[candidate.id];
      if (best == nullptr || candidate.version > best->version)
        best = &candidate;
    }
    for (const auto& [id, record] : newest_) {
      const auto found = shown.find(id);
      if (found == shown.end())
        say("key " + std::to_string(id) + " of " + table_.name + " is missing");
      else if (found->second->offset != record->offset)
        say("key " + std::to_string(id) + " of " + table_.name
            + " shows offset " + std::to_string(found->second->offset)
            + " instead of " + std::to_string(record->offset));
      else
        judge_values(*record, fate_of(*record, table_), *found->second);
    }
  }

  const cluster& what_;
  const topology::table& table_;
  const std::set<letter_id>& letters_;
  std::vector<std::string>& to_;
  const clickhouse_server::stored_table& stored_;
  std::set<row_id> expected_;
  /// By key; keys stay in their partition.
  std::map<std::int64_t, const kafka::owned_record*> newest_;
};

} // namespace

namespace {

/// Whether an owner has begun in the epoch of each table's last reset.
bool knows_resets(const cluster& what, const kafka::topic_partition& where) {
  const auto& committed = what.logs.log(where).committed;
  const auto position = kafka::decode_position_metadata(
      committed.metadata, committed.offset.value_or(0));
  return std::ranges::all_of(what.what.tables, [&](const auto& table) {
    const auto& epochs = what.controls.told().epochs();
    const auto reset = epochs.find(table.name);
    if (table.topic != where.topic || reset == epochs.end())
      return true;
    const auto at = actors::position_of(*position, table.name);
    return at && at->epoch >= reset->second;
  });
}

} // namespace

bool is_drained(const cluster& what) {
  return std::ranges::all_of(what.logs.logs(), [&](const auto& each) {
    const auto& [where, log] = each;
    if (log.records.empty())
      return true;
    const auto last = log.records.back().offset + 1;
    return log.committed.offset.value_or(0) >= last
           && knows_resets(what, where);
  });
}

std::vector<std::string> judge(const cluster& what) {
  std::vector<std::string> result;
  const auto letters = letters_of(what);
  for (const auto& table : what.what.tables)
    table_verdict{what, table, letters, result}.judge();
  for (const auto* condition :
       {"silver ahead", "topic replaced", "partitions added"})
    if (what.says(condition))
      result.push_back(std::string{"a node says '"} + condition
                       + "', and nothing of the kind happened");
  for (const auto& [where, log] : what.logs.logs()) {
    const auto last = log.records.empty() ? 0 : log.records.back().offset + 1;
    if (log.committed.offset.value_or(0) < last)
      result.push_back(kafka::to_string(where) + " is committed at "
                       + std::to_string(log.committed.offset.value_or(0))
                       + ", its last record ends at " + std::to_string(last));
  }
  return result;
}

} // namespace sluice::simulation
