// Puts recorded records onto topics, no faster than they may come.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "kafka/group_positions.hpp"
#include "kafka/playback.hpp"
#include "kafka/record.hpp"
#include "kafka/sink.hpp"

namespace sluice::kafka {

/// Where play() takes records from: a record_file's next(), or memory.
using record_feed =
    std::function<tl::expected<std::optional<owned_record>, std::string>()>;

struct play_options {
  /// Partition counts of the topics there are. A record of any other topic or
  /// partition is an error, before it is sent.
  std::map<std::string, int> topics = {};
  /// Set for an embedded broker, which drops the oldest unread records beyond
  /// 5 MiB per partition: play waits for the readers before it passes this.
  /// Unset: as fast as the broker takes them.
  std::optional<unread_limit> unread = {};
  /// Positions of the group that reads the topics. Without one nothing can be
  /// waited for: more than the limit for one partition is then an error.
  position_reader* readers = nullptr;
  /// Give up when the readers have not moved for this long.
  std::chrono::milliseconds patience{60'000};
};

struct play_progress {
  std::size_t records = 0;
  std::size_t bytes = 0;
  /// Empty, or what is waited for, in one line.
  std::string waiting = {};
};

/// Sends the records in order (exactly, within a partition) and returns when
/// all are acknowledged: how many there were. Calls `progress` now and then
/// from this thread. A record without a partition goes by its key's hash, as
/// Kafka's Java client would send it; without a key, too, to partition 0.
///
/// The limit counts everything unread: what play has sent, and what lay
/// unread on the partition before, which counts as if it filled the limit
/// (its size is unknown), so the first record waits until it is read.
/// Other producers at work on the same partition are not seen.
///
/// On error some records may have been sent: the text says how many.
[[nodiscard]] tl::expected<std::size_t, std::string>
play(const record_feed& records, const play_options& options, record_sink& sink,
     const std::function<void(const play_progress&)>& progress);

} // namespace sluice::kafka
