// Single records by their offsets, fetched once more: for dead letters of rows
// that were refused long after their payloads were dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/record.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

/// The port; tests have a fake (tests/support/fake_record_fetcher.hpp). Its
/// calls block: for a detached actor or a thread, one call at a time.
class record_fetcher {
public:
  virtual ~record_fetcher() = default;
  record_fetcher() = default;
  record_fetcher(const record_fetcher&) = delete;
  record_fetcher& operator=(const record_fetcher&) = delete;

  /// The records at `offsets` (any order, repetitions allowed), in that order,
  /// headers included; std::nullopt where the log has no record at the offset
  /// (any more): retention, compaction, an aborted transaction, the end of the
  /// log. Committed records only, CRCs checked. An error in one line when not
  /// all of them could be had within `timeout`; the call may be repeated.
  [[nodiscard]] virtual tl::expected<std::vector<std::optional<owned_record>>,
                                     std::string>
  fetch(const topic_partition& where, std::span<const std::int64_t> offsets,
        std::chrono::milliseconds timeout) = 0;

  /// Offset of the first record whose timestamp is not before `time_ms`
  /// (milliseconds since 1970-01-01 UTC); the log's end when there is none.
  [[nodiscard]] virtual tl::expected<std::int64_t, std::string>
  offset_at(const topic_partition& where, std::int64_t time_ms,
            std::chrono::milliseconds timeout) = 0;

  /// When time-based retention may take the record at `offset`, in
  /// milliseconds since 1970-01-01 UTC; std::nullopt: never, not known, or it
  /// is gone.
  [[nodiscard]] virtual tl::expected<std::optional<std::int64_t>, std::string>
  expiry_of(const topic_partition& where, std::int64_t offset,
            std::chrono::milliseconds timeout) = 0;
};

/// Reads without joining a group and without moving anybody's position. Keeps
/// a connection open between calls, and at most about 4 MiB beside the
/// result. Fails only for settings that librdkafka refuses.
///
/// An embedded broker remembers the newest 5 MiB of a partition: records that
/// only its journal has are std::nullopt.
[[nodiscard]] tl::expected<std::unique_ptr<record_fetcher>, std::string>
make_record_fetcher(const broker_address& at);

} // namespace sluice::kafka
