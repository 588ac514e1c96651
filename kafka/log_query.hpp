// Where the logs of partitions begin and end: questions with a deadline.
#pragma once

#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// Asks the partition's leader; two round trips. Blocks up to `timeout_ms`
/// twice.
///
/// rd_kafka_query_watermark_offsets asks the same, but in librdkafka 2.0
/// ignores its timeout while the leader is down, and blocks until it is back.
[[nodiscard]] tl::expected<log_bounds, rd_kafka_resp_err_t>
query_bounds(const client& from, const topic_partition& where, int timeout_ms);

/// The same of several partitions (none twice), in their order, in as many
/// round trips: each leader is asked once. One partition without an answer
/// makes an error of all: librdkafka tells no others.
[[nodiscard]] tl::expected<std::vector<log_bounds>, rd_kafka_resp_err_t>
query_bounds(const client& from, std::span<const topic_partition> partitions,
             int timeout_ms);

/// The ends alone, in one round trip.
[[nodiscard]] tl::expected<std::vector<std::int64_t>, rd_kafka_resp_err_t>
query_log_ends(const client& from, std::span<const topic_partition> partitions,
               int timeout_ms);

} // namespace sluice::kafka
