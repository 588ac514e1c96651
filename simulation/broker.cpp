#include "simulation/broker.hpp"

#include <algorithm>

namespace sluice::simulation {

std::size_t partition_log::index_at(std::int64_t offset) const {
  const auto found = std::ranges::lower_bound(records, offset, {},
                                              &kafka::owned_record::offset);
  return static_cast<std::size_t>(found - records.begin());
}

bool partition_log::has_lost(std::int64_t offset) const {
  return std::ranges::any_of(lost, [&](const kafka::cut& each) {
    return offset >= each.lo && offset < each.hi;
  });
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
  on_.out.line("broker", [&] {
    return kafka::to_string(where) + "@" + std::to_string(record.offset) + " "
           + record.key.value_or("") + " " + record.value.value_or("-");
  });
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
  const auto begin = std::clamp(start, log.start, log.end);
  const auto first = std::max(log.start, log.committed.offset.value_or(0));
  if (first < begin) {
    ++on_.counts["losses to retention"];
    log.lost.push_back({first, begin});
  }
  log.start = begin;
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
