// Puts made-up changes onto topics, as fast as the broker takes them or at a
// steady rate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bench/fingerprint.hpp"

namespace sluice::bench {

/// One topic and the stream (change_stream.hpp) that fills it.
struct filled_topic {
  std::string name;
  std::string stream;
  std::uint64_t seed = 1;
};

struct fill_options {
  std::string brokers;
  std::vector<filled_topic> topics;
  /// Of all topics together; they take turns.
  std::uint64_t messages = 0;
  /// Of each topic. A key's partition is what Kafka's Java client would choose.
  int partitions = 4;
  /// none, lz4, zstd, gzip or snappy.
  std::string codec = "none";
  /// Largest batch of one partition (batch.size).
  std::uint64_t batch_bytes = 131'072;
  /// Messages a second over all topics; 0: as fast as possible.
  std::uint64_t rate = 0;
};

struct topic_fill {
  std::string name;
  std::uint64_t messages = 0;
  /// The table after all changes of the topic.
  table_totals table;
};

struct fill_report {
  std::uint64_t messages = 0;
  /// Bytes of the values.
  std::uint64_t value_bytes = 0;
  /// word_sum() over all values.
  std::uint64_t value_sum = 0;
  double seconds = 0;
  std::vector<topic_fill> topics;
};

/// Returns when the broker has acknowledged every message. The error is one
/// line: a broker that does not answer, a topic that does not exist.
[[nodiscard]] tl::expected<fill_report, std::string>
fill_topics(const fill_options& options);

} // namespace sluice::bench
