#include "cli/reset_plan.hpp"

#include <algorithm>

namespace sluice::cli {

namespace {

using kind = topology::table_start::kind;

std::string number(std::int64_t value) { return std::to_string(value); }

/// `wanted`: the first record that the table is to have.
partition_reset from(std::int64_t wanted, const kafka::log_bounds& bounds) {
  partition_reset result;
  result.offset = std::clamp(wanted, bounds.start, bounds.end);
  if (wanted < bounds.start)
    result.lost = "offsets " + number(wanted) + " to "
                  + number(bounds.start - 1) + " are gone from the topic";
  return result;
}

} // namespace

partition_reset read_again(const partition_facts& of,
                           const topology::table_start& start) {
  const auto& bounds = of.bounds;
  if (of.committed.offset && of.metadata.tables.empty()) {
    auto result = from(*of.committed.offset, bounds);
    if (result.lost.empty() && result.offset > 0)
      result.lost = "the offset was set from outside: what lies before it is "
                    "not read";
    return result;
  }
  switch (start.from) {
  case kind::earliest:
    return from(0, bounds);
  case kind::offset:
    return from(start.offset, bounds);
  case kind::timestamp: {
    auto result = from(of.at_time.value_or(bounds.start), bounds);
    if (result.offset == bounds.start && bounds.start > 0)
      result.lost = "offsets up to " + number(bounds.start - 1)
                    + " are gone from the topic, and some may be of that time";
    return result;
  }
  default: {
    auto result = from(bounds.end, bounds);
    if (bounds.end > 0)
      result.lost = "`start: latest` reads nothing again that is there now";
    return result;
  }
  }
}

std::vector<std::uint16_t>
epochs_in(const std::vector<partition_facts>& partitions) {
  std::vector<std::uint16_t> result;
  for (const auto& each : partitions) {
    result.push_back(each.metadata.epoch);
    for (const auto& table : each.metadata.tables)
      result.push_back(table.epoch);
  }
  return result;
}

} // namespace sluice::cli
