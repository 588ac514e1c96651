// Records as they come from a topic: views into memory that a batch owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::kafka {

struct topic_partition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const topic_partition&) const = default;
};

/// "topic/partition".
[[nodiscard]] std::string to_string(const topic_partition& tp);

struct header {
  std::string_view name;
  /// std::nullopt: a null value, which Kafka allows.
  std::optional<std::string_view> value;
};

/// One record. All views point into the batch that it came in.
struct record {
  std::int64_t offset = 0;
  /// Milliseconds since 1970-01-01 UTC, as the topic's timestamp type says;
  /// -1: none.
  std::int64_t timestamp_ms = -1;
  std::optional<std::string_view> key;
  /// std::nullopt: a tombstone. Empty bytes are not a tombstone.
  std::optional<std::string_view> value;
  std::span<const header> headers;
};

/// Records of one partition in offset order, immutable, and the memory they
/// live in. Shared by the transformers of every table fed by the topic.
class record_batch {
public:
  virtual ~record_batch() = default;
  [[nodiscard]] std::span<const record> records() const { return records_; }
  /// Bytes of keys, values and headers together: what credit is counted in.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

protected:
  record_batch() = default;
  record_batch(const record_batch&) = delete;
  record_batch& operator=(const record_batch&) = delete;
  std::vector<record> records_;
  std::size_t bytes_ = 0;
};

using record_batch_ptr = std::shared_ptr<const record_batch>;

/// A record with memory of its own: for tests, the journal and `play`.
struct owned_header {
  std::string name;
  std::optional<std::string> value;
};
struct owned_record {
  topic_partition where;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<owned_header> headers;
};

/// Bytes of key, value and headers together.
[[nodiscard]] std::size_t payload_bytes(const owned_record& record);

/// A batch of copies of `records`, which must be of one partition and in
/// offset order.
[[nodiscard]] record_batch_ptr
make_record_batch(std::vector<owned_record> records);

} // namespace sluice::kafka
