// Puts records onto topics through librdkafka.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "kafka/sink.hpp"

namespace sluice::kafka {

struct producer_options {
  /// host:port[,host:port...].
  std::string brokers = {};
  /// librdkafka settings passed through (security, compression).
  std::map<std::string, std::string> properties = {};
  std::string client_id = "sluice";
  /// How long a record is waited for before it counts as failed.
  std::chrono::milliseconds delivery_timeout{30'000};
  /// How long records are gathered into a batch.
  std::chrono::milliseconds linger{5};
  /// Records that may be on their way at once; send() waits beyond.
  std::size_t in_flight = 100'000;
};

/// An idempotent producer (acks from all in-sync replicas; the order of one
/// partition is the order of the calls). Partition, timestamp, headers, null
/// keys and null values arrive as given; a record without a timestamp gets the
/// current time, one without a partition goes by murmur2 of its key, or
/// anywhere if it has none. How large a record may be, the topic decides
/// (max.message.bytes); a larger one fails. A missing topic is a failure of the
/// record, after the delivery timeout. Its own thread calls `done`.
///
/// Fails for refused settings only: brokers are connected to later.
/// Destruction waits up to `delivery_timeout` for what is on its way; every
/// `done` is called.
[[nodiscard]] tl::expected<std::unique_ptr<record_sink>, std::string>
make_producer(const producer_options& options);

} // namespace sluice::kafka
