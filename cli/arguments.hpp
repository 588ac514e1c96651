// Reads the arguments that are more than a word or a number.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice::cli {

/// "60", "60s", "500ms", "2m", "1h": a whole number and a unit (seconds without
/// one), from 1 ms to 30 days. The error is one line.
[[nodiscard]] tl::expected<std::chrono::milliseconds, std::string>
parse_duration(std::string_view text);

struct topic_spec {
  std::string name;
  std::int32_t partitions = 1;
  bool operator==(const topic_spec&) const = default;
};

/// "events:4" or "events" (one partition): a name that Kafka accepts and 1 to
/// 1,000 partitions. The error is one line.
[[nodiscard]] tl::expected<topic_spec, std::string>
parse_topic_spec(std::string_view text);

/// "host-pid" of this process, for records of who did something.
[[nodiscard]] std::string process_name();

} // namespace sluice::cli
