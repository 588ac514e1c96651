#include "simulation/broker.hpp"

#include <algorithm>

namespace sluice::simulation {

std::size_t partition_log::index_at(std::int64_t offset) const {
  const auto found = std::ranges::lower_bound(records, offset, {},
                                              &kafka::owned_record::offset);
  return static_cast<std::size_t>(found - records.begin());
}

broker::broker(stage& on, std::vector<kafka::topic_partition> partitions)
    : on_{on} {
  for (auto& each : partitions)
    logs_.try_emplace(std::move(each));
}

std::int32_t broker::partitions_of(const std::string& topic) const {
  return static_cast<std::int32_t>(std::ranges::count_if(
      logs_, [&](const auto& each) { return each.first.topic == topic; }));
}

std::int64_t broker::append(const kafka::topic_partition& where,
                            kafka::owned_record record) {
  auto& log = logs_.at(where);
  record.where = where;
  record.offset = log.end++;
  log.records.push_back(std::move(record));
  if (on_append)
    on_append(where);
  return log.end - 1;
}

void broker::skip(const kafka::topic_partition& where, std::int64_t count) {
  auto& log = logs_.at(where);
  log.end += count;
  if (on_append)
    on_append(where);
}

void broker::delete_head(const kafka::topic_partition& where,
                         std::int64_t start) {
  auto& log = logs_.at(where);
  log.start = std::max(log.start, std::min(start, log.end));
  on_.out.line("broker", [&] {
    return "retention: " + kafka::to_string(where) + " begins at "
           + std::to_string(log.start);
  });
}

void broker::store(const kafka::topic_partition& where,
                   kafka::committed_position position) {
  on_.out.line("broker", [&] {
    return "committed " + kafka::to_string(where) + " at "
           + std::to_string(position.offset.value_or(-1)) + " '"
           + position.metadata + "'";
  });
  logs_.at(where).committed = std::move(position);
}

} // namespace sluice::simulation
