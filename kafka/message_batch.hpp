// Batches of librdkafka messages: payloads stay where the fetch put them.
#pragma once

#include <memory>
#include <vector>

#include "kafka/rdkafka.hpp"
#include "kafka/record.hpp"

namespace sluice::kafka {

/// Bytes of a message's key and value.
[[nodiscard]] std::size_t payload_bytes(const rd_kafka_message_t& message);

/// A batch that owns `messages` (of one partition, in offset order, none of
/// them an error) and keeps `from`, the instance they came from. Headers are
/// parsed only when asked for.
[[nodiscard]] record_batch_ptr
make_message_batch(std::shared_ptr<const client> from,
                   std::vector<message_ptr> messages, bool with_headers);

/// A copy of one message, headers included.
[[nodiscard]] owned_record copy_of(const rd_kafka_message_t& message);

} // namespace sluice::kafka
