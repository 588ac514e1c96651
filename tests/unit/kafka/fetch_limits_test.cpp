#include "kafka/fetch_limits.hpp"

#include <gtest/gtest.h>

namespace sluice::kafka {

namespace {

constexpr std::size_t mib = 1U << 20U;

/// What the limits allow to be held for records of this size.
std::size_t held(const fetch_limits& limits, std::size_t record_bytes) {
  const auto by_bytes = limits.bytes / record_bytes;
  const auto queued = std::min(by_bytes, limits.messages);
  const auto fetched = limits.fetch_bytes / record_bytes;
  return (queued + fetched) * (record_bytes + 320);
}

TEST(fetch_limits, keep_all_partitions_within_the_total_whatever_the_records) {
  for (std::size_t partitions : {1, 3, 8, 32, 64})
    for (std::size_t record_bytes : {100, 610, 10'000}) {
      const auto limits = limits_for(64 * mib, 1024 * mib, partitions);
      EXPECT_LE(held(limits, record_bytes) * partitions, 64 * mib)
          << partitions << " partitions, records of " << record_bytes;
    }
}

TEST(fetch_limits, give_one_partition_no_more_than_its_maximum) {
  const auto one = limits_for(64 * mib, 16 * mib, 1);
  EXPECT_EQ(one.bytes, 8 * mib);
  EXPECT_EQ(one.fetch_bytes, mib);
  EXPECT_EQ(one.messages, 13107U);
  EXPECT_EQ(limits_for(64 * mib, 16 * mib, 0).bytes, one.bytes);
}

TEST(fetch_limits, leave_enough_to_go_on_with_a_thousand_partitions) {
  const auto limits = limits_for(mib, 16 * mib, 1000);
  EXPECT_GE(limits.bytes, 16U << 10U);
  EXPECT_GE(limits.fetch_bytes, 16U << 10U);
  EXPECT_GE(limits.messages, 100U);
}

} // namespace

} // namespace sluice::kafka
