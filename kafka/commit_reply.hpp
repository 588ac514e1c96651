// What a broker's answer to a commit means for the committer.
#pragma once

#include "kafka/rdkafka.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// Maps librdkafka's error of one commit. Everything unknown is `retry`: a
/// repeated commit of the same position does no harm.
[[nodiscard]] commit_outcome outcome_of(rd_kafka_resp_err_t error);

} // namespace sluice::kafka
