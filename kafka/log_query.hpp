// Where a partition's log begins and ends: one question with a deadline.
#pragma once

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

/// The end alone, in one round trip.
[[nodiscard]] tl::expected<std::int64_t, rd_kafka_resp_err_t>
query_log_end(const client& from, const topic_partition& where, int timeout_ms);

} // namespace sluice::kafka
