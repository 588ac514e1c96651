// Deleting the beginning of a log.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

struct trim_failure {
  /// RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE: the broker has no such request.
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  /// One line that says what to do.
  std::string reason = {};
};

/// Deletes the records of `where` below offset `before` (> 0), by Kafka's
/// DeleteRecords request; none when the log begins behind it already. An offset
/// beyond the log's end is an error. Blocks up to `deadline` and half a second.
[[nodiscard]] tl::expected<void, trim_failure>
delete_records(const client& over, const topic_partition& where,
               std::int64_t before, std::chrono::milliseconds deadline);

} // namespace sluice::kafka
