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

milliseconds cut_age_of(const topology::tuning& tuning, int partitions) {
  const auto apart =
      std::ceil(partitions / tuning.inserts_per_second * ms_per_second);
  return std::max(tuning.cut_age,
                  milliseconds{static_cast<milliseconds::rep>(apart)});
}

insert_rate rate_of(const topology::tuning& tuning, int partitions,
                    milliseconds node_turn) {
  const auto own = cut_age_of(tuning, partitions);
  const auto age = std::max(own, node_turn);
  return {partitions * ms_per_second / static_cast<double>(age.count()), age,
          node_turn > own};
}

milliseconds turn_on_node(const topology::topology& what,
                          const partition_counts& counts) {
  const auto most = what.tuning.inserts_of_node();
  const auto inserts_at = [&](milliseconds turn) {
    double result = 0;
    for (const auto& table : what.tables)
      result +=
          rate_of(what.tuning,
                  partitions_of(table.topic, what, counts).value_or(1), turn)
              .inserts_per_second;
    return result;
  };
  if (inserts_at(milliseconds{0}) <= most)
    return milliseconds{0};
  milliseconds below{0};
  milliseconds enough{1};
  while (inserts_at(enough) > most)
    enough *= 2;
  while (enough - below > milliseconds{1}) {
    const auto middle = below + (enough - below) / 2;
    (inserts_at(middle) > most ? below : enough) = middle;
  }
  return enough;
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
