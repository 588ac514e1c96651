// The limit: librdkafka alone, touching every payload and doing nothing else.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace sluice::bench {

struct consume_options {
  std::string brokers;
  std::string topic;
  /// All partitions into one queue, or each with a queue and a thread of its
  /// own.
  bool queue_per_partition = false;
  std::uint64_t fetch_bytes = 1'048'576;
  std::uint64_t batch = 1000;
  /// queued.min.messages: a queue that has been full stops old versions of
  /// librdkafka for a second, a long one lets messages fall out of the caches.
  std::uint64_t queued_messages = 100'000;
};

struct consume_report {
  std::uint64_t messages = 0;
  std::uint64_t value_bytes = 0;
  /// word_sum() over all values.
  std::uint64_t value_sum = 0;
  /// From the first message on.
  double seconds = 0;
  /// From the call to the first message.
  double start_seconds = 0;
  /// CPU time of this process from the first message on.
  double cpu_seconds = 0;
};

/// Reads the topic from its beginning to where it ends at the time of the call.
[[nodiscard]] tl::expected<consume_report, std::string>
consume(const consume_options& options);

} // namespace sluice::bench
