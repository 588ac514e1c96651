// A record as the arguments of rd_kafka_produceva.
#pragma once

#include <vector>

#include "kafka/rdkafka.hpp"
#include "kafka/record.hpp"

namespace sluice::kafka {

/// Views into `record`; librdkafka copies the payload. A negative partition is
/// left to the partitioner. `opaque` comes back with the delivery report.
[[nodiscard]] std::vector<rd_kafka_vu_t>
produce_parts(const owned_record& record, void* opaque);

} // namespace sluice::kafka
