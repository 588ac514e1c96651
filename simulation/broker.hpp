// Kafka's logs and committed positions in memory. Each partition remembers
// every record that it ever had, so that what retention takes is still known.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cut.hpp"
#include "kafka/source.hpp"
#include "simulation/stage.hpp"

namespace sluice::simulation {

struct partition_log {
  /// By offset, ascending; there may be gaps (markers of transactions).
  std::vector<kafka::owned_record> records;
  /// What a consumer can still read: [start, end).
  std::int64_t start = 0;
  /// Offsets that retention took before they were committed.
  std::vector<kafka::cut> lost;
  std::int64_t end = 0;
  kafka::committed_position committed;

  /// First record at or after `offset`; records.size() when there is none.
  [[nodiscard]] std::size_t index_at(std::int64_t offset) const;
  [[nodiscard]] bool has_lost(std::int64_t offset) const;
};

class broker {
public:
  broker(stage& on, std::vector<kafka::topic_partition> partitions);

  [[nodiscard]] const std::map<kafka::topic_partition, partition_log>&
  logs() const {
    return logs_;
  }
  [[nodiscard]] const partition_log&
  log(const kafka::topic_partition& where) const {
    return logs_.at(where);
  }
  [[nodiscard]] std::int32_t partitions_of(const std::string& topic) const;

  /// Puts a record at the end; returns its offset.
  std::int64_t append(const kafka::topic_partition& where,
                      kafka::owned_record record);
  /// Offsets that no record gets.
  void skip(const kafka::topic_partition& where, std::int64_t count);
  /// Retention: nothing below `start` can be read any more.
  void delete_head(const kafka::topic_partition& where, std::int64_t start);
  void store(const kafka::topic_partition& where,
             kafka::committed_position position);

  /// Called at each append with the partition.
  std::function<void(const kafka::topic_partition&)> on_append;

  /// What was put onto the dead-letter topic.
  std::vector<kafka::owned_record> letters;

private:
  stage& on_;
  std::map<kafka::topic_partition, partition_log> logs_;
};

} // namespace sluice::simulation
