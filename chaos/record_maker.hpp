// The load: change events such as Debezium writes them for the tables of a
// topology. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/record.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// What a record of the load is; the value of its mark header.
enum class record_mark : char {
  /// A new row.
  inserted = 'i',
  /// A new row that ClickHouse refuses in the log tables.
  poison = 'p',
  updated = 'u',
  removed = 'd',
  /// What Debezium sends after a delete, for compaction.
  tombstone = 't',
};

/// Makes the records of one topic: inserts, updates, deletes with their
/// tombstones, over a bounded number of keys, so that keys come back. One
/// thread at a time.
class record_maker {
public:
  /// For the tables of `what` that read `topic`. The error says in one line
  /// which column it has no values for.
  [[nodiscard]] static tl::expected<record_maker, std::string>
  make(const topology::topology& what, const std::string& topic,
       std::uint64_t seed);

  ~record_maker();
  record_maker(record_maker&&) noexcept;
  record_maker& operator=(record_maker&&) noexcept;
  record_maker(const record_maker&) = delete;
  record_maker& operator=(const record_maker&) = delete;

  /// The next record: topic, key, value and the mark header. Partition,
  /// offset and timestamp are left to the producer.
  [[nodiscard]] kafka::owned_record next();
  /// A new row with the mark poison.
  [[nodiscard]] kafka::owned_record next_poison();

private:
  struct state;
  explicit record_maker(std::unique_ptr<state> own);
  std::unique_ptr<state> own_;
};

} // namespace sluice::chaos
