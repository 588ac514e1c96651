#include "chaos/model.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "chaos/throwaway.hpp"

namespace sluice::chaos {

namespace {

constexpr std::size_t surprises_max = 20;

std::string header_of(const kafka::owned_record& record,
                      std::string_view name) {
  for (const auto& header : record.headers)
    if (header.name == name && header.value)
      return *header.value;
  return {};
}

template <class Integer>
std::optional<Integer> number_of(const std::string& text) {
  Integer result = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

bool is_insert(char mark) {
  return mark == static_cast<char>(record_mark::inserted)
         || mark == static_cast<char>(record_mark::poison);
}

std::string describe(const row_id& row) {
  return "partition " + std::to_string(row.partition) + ", offset "
         + std::to_string(row.offset);
}

} // namespace

model::model(const topology::topology& what,
             const std::vector<std::string>& log_tables)
    : log_tables_(log_tables.begin(), log_tables.end()) {
  for (const auto& table : what.tables) {
    tables_[table.name] = table.topic;
    topics_[table.topic];
  }
}

void model::surprise(std::string line) {
  if (surprises_.size() < surprises_max)
    surprises_.push_back(std::move(line));
}

void model::add(const kafka::owned_record& record) {
  auto& topic = topics_[record.where.topic];
  const auto mark = header_of(record, mark_header);
  if (mark.size() != 1)
    return surprise(to_string(record.where) + ": the record at "
                    + std::to_string(record.offset)
                    + " is not one of the load");
  ++records_;
  auto& marks = topic.marks[record.where.partition];
  const auto index = static_cast<std::size_t>(record.offset);
  // Offsets may have gaps; nothing is expected of them.
  if (marks.size() <= index)
    marks.resize(index + 1, ' ');
  marks[index] = mark.front();
  if (mark == poison_mark)
    ++poison_;
  if (mark.front() == static_cast<char>(record_mark::tombstone))
    return;
  topic.keys[record.key.value_or("")] = {
      {record.where.partition, record.offset},
      mark.front() == static_cast<char>(record_mark::removed)};
}

void model::add_dead_letter(const kafka::owned_record& letter) {
  const auto table = header_of(letter, "sluice.table");
  const auto partition =
      number_of<std::int32_t>(header_of(letter, "sluice.partition"));
  const auto offset =
      number_of<std::int64_t>(header_of(letter, "sluice.offset"));
  if (!tables_.contains(table) || !partition || !offset)
    return surprise("a dead letter of no table here");
  if (!quarantine_[table].insert({*partition, *offset}).second)
    return;
  ++quarantined_;
  if (!log_tables_.contains(table)
      || header_of(letter, mark_header) != poison_mark)
    surprise("dead letter of a sound record: table " + table + ", "
             + describe({*partition, *offset}) + ": "
             + header_of(letter, "sluice.reason") + ": "
             + header_of(letter, "sluice.detail"));
}

std::vector<row_id> model::expected_rows(const topology::table& table) const {
  std::vector<row_id> result;
  const auto topic = topics_.find(table.topic);
  if (topic == topics_.end())
    return result;
  if (table.mode == topology::table_mode::latest) {
    for (const auto& [key, newest] : topic->second.keys)
      if (!newest.removed)
        result.push_back(newest.at);
    std::ranges::sort(result);
    return result;
  }
  const auto refuses_poison = log_tables_.contains(table.name);
  for (const auto& [partition, marks] : topic->second.marks)
    for (std::size_t offset = 0; offset < marks.size(); ++offset)
      if (is_insert(marks[offset])
          && (!refuses_poison || marks[offset] != poison_mark.front()))
        result.push_back({partition, static_cast<std::int64_t>(offset)});
  return result;
}

table_difference model::compare(const topology::table& table,
                                const std::vector<row_id>& rows) const {
  table_difference result;
  result.table = table.name;
  const auto expected = expected_rows(table);
  result.expected = expected.size();
  std::vector<row_id> distinct;
  distinct.reserve(rows.size());
  std::ranges::unique_copy(rows, std::back_inserter(distinct));
  result.doubled = rows.size() - distinct.size();
  const auto note = [&result](const char* what, const row_id& row) {
    if (!result.example.empty())
      result.example += "; ";
    result.example += what + describe(row);
  };
  if (result.doubled != 0)
    note("doubled: ", *std::ranges::adjacent_find(rows));
  std::vector<row_id> lost;
  std::ranges::set_difference(expected, distinct, std::back_inserter(lost));
  std::vector<row_id> foreign;
  std::ranges::set_difference(distinct, expected, std::back_inserter(foreign));
  result.lost = lost.size();
  result.foreign = foreign.size();
  if (!lost.empty())
    note("lost: ", lost.front());
  if (!foreign.empty())
    note("must not be there: ", foreign.front());

  // A poison row is accounted for by its dead letter, or it is lost.
  if (!log_tables_.contains(table.name))
    return result;
  const auto letters = quarantine_.find(table.name);
  const auto topic = topics_.find(table.topic);
  for (const auto& [partition, marks] : topic->second.marks)
    for (std::size_t offset = 0; offset < marks.size(); ++offset) {
      const row_id row{partition, static_cast<std::int64_t>(offset)};
      if (marks[offset] != poison_mark.front()
          || (letters != quarantine_.end() && letters->second.contains(row)))
        continue;
      if (result.lost++ == 0)
        note("poison without a dead letter: ", row);
    }
  return result;
}

} // namespace sluice::chaos
