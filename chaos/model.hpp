// What must be in ClickHouse, derived from what is in Kafka: the records of
// the load as they lie in their topics, and the dead letters. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "chaos/record_maker.hpp"
#include "kafka/record.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// A record of a topic. Rows are known by it (_partition, _offset).
struct row_id {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const row_id&) const = default;
};

/// What distinguishes the rows of a table from those that must be there.
struct table_difference {
  std::string table;
  std::uint64_t expected = 0;
  /// Rows that must be there and are not.
  std::uint64_t lost = 0;
  /// Rows beyond one per record.
  std::uint64_t doubled = 0;
  /// Rows that must not be there: of no record, superseded, deleted or
  /// quarantined.
  std::uint64_t foreign = 0;
  /// The first of each kind, for people; empty when there is none.
  std::string example;
  [[nodiscard]] bool is_exact() const {
    return lost == 0 && doubled == 0 && foreign == 0;
  }
};

/// One thread at a time.
class model {
public:
  /// `log_tables` refuse poison rows.
  model(const topology::topology& what,
        const std::vector<std::string>& log_tables);

  /// A record of the load as it lies in its topic; in offset order of each
  /// partition.
  void add(const kafka::owned_record& record);
  /// A record of the dead-letter topic; the same one may come twice.
  void add_dead_letter(const kafka::owned_record& letter);

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t poison_records() const { return poison_; }
  /// Distinct (table, record) that are quarantined.
  [[nodiscard]] std::uint64_t quarantined() const { return quarantined_; }
  /// Dead letters of rows that were not poison, and records without a mark,
  /// one line each; at most the first twenty.
  [[nodiscard]] const std::vector<std::string>& surprises() const {
    return surprises_;
  }

  /// Judges the rows of an append table (all that are stored) or of a latest
  /// table (the current ones, as with FINAL). `rows` is sorted.
  [[nodiscard]] table_difference compare(const topology::table& table,
                                         const std::vector<row_id>& rows) const;

private:
  struct topic_state {
    /// Marks by partition and offset.
    std::map<std::int32_t, std::vector<char>> marks;
    /// The newest event of each key.
    struct newest {
      row_id at;
      bool removed = false;
    };
    std::unordered_map<std::string, newest> keys;
  };

  [[nodiscard]] std::vector<row_id>
  expected_rows(const topology::table& table) const;
  void surprise(std::string line);

  std::map<std::string, topic_state> topics_;
  std::set<std::string> log_tables_;
  /// Table -> topic.
  std::map<std::string, std::string> tables_;
  std::map<std::string, std::set<row_id>> quarantine_;
  std::vector<std::string> surprises_;
  std::uint64_t records_ = 0;
  std::uint64_t poison_ = 0;
  std::uint64_t quarantined_ = 0;
};

} // namespace sluice::chaos
