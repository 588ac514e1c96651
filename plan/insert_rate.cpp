#include "plan/insert_rate.hpp"

#include <algorithm>
#include <cmath>

#include "topology/quantity.hpp"

namespace sluice::plan {

namespace {

using std::chrono::milliseconds;

constexpr double ms_per_second = 1000;

} // namespace

std::optional<int> partitions_of(const std::string& topic,
                                 const topology::topology& what,
                                 const partition_counts& counts) {
  if (const auto counted = counts.find(topic); counted != counts.end())
    return counted->second;
  if (what.kafka.is_embedded())
    return what.kafka.embedded.partitions;
  return std::nullopt;
}

insert_rate rate_of(const topology::tuning& tuning, int partitions) {
  const auto apart =
      std::ceil(partitions / tuning.inserts_per_second * ms_per_second);
  const auto age = std::max(
      tuning.cut_age, milliseconds{static_cast<milliseconds::rep>(apart)});
  return {partitions * ms_per_second / static_cast<double>(age.count()), age};
}

int partitions_at_full_rate(const topology::tuning& tuning) {
  const auto age = static_cast<double>(tuning.cut_age.count()) / ms_per_second;
  return static_cast<int>(tuning.inserts_per_second * age);
}

std::size_t blocks_in_flight(const topology::tuning& tuning, int partitions) {
  return tuning.cuts_in_flight * static_cast<std::size_t>(partitions);
}

std::size_t blocks_during_a_request(const topology::topology& what) {
  const auto timeout =
      static_cast<double>(what.clickhouse.request_timeout.count());
  return static_cast<std::size_t>(
      std::ceil(what.tuning.inserts_per_second * timeout / ms_per_second));
}

std::string rate_text(double per_second) {
  constexpr double hundredths = 100;
  return topology::number_to_text(std::round(per_second * hundredths)
                                  / hundredths);
}

} // namespace sluice::plan
