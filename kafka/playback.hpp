// Puts a journal's records back onto an empty embedded broker, at their old
// offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/journal.hpp"
#include "kafka/record.hpp"

namespace sluice::kafka {

/// What the embedded broker can hold of one partition without dropping the
/// oldest: it keeps 5 MiB or 100,000 batches, so less counts as full.
struct unread_limit {
  std::size_t bytes = 4U << 20U;
  std::size_t records = 50'000;
};

/// Bytes that a record takes in the broker at most, headers and a batch of
/// its own included.
[[nodiscard]] std::size_t stored_bytes(const owned_record& record);

/// Feeds partitions from the journal. Records below a partition's committed
/// offset are fed at once (the broker drops the oldest of them); what is not
/// yet read only up to the limit, the rest as the group commits. Used by one
/// thread at a time.
class playback {
  struct only_make {};

public:
  explicit playback(only_make);
  /// `guarded`: partitions that a group reads; the others have no reader to
  /// wait for and keep their newest records only.
  [[nodiscard]] static tl::expected<std::unique_ptr<playback>, std::string>
  make(const journal& from, const std::string& brokers,
       const std::set<topic_partition>& guarded, unread_limit limit);
  ~playback();

  /// Feeds what may be fed now, given the smallest committed offset of each
  /// guarded partition (absent: nothing committed). Whether anything was fed.
  /// Fails for good when a record did not get its old offset, which means that
  /// another client has written to the partition meanwhile.
  [[nodiscard]] tl::expected<bool, std::string>
  advance(const std::map<topic_partition, std::int64_t>& committed);
  /// The partitions that are complete since the last call.
  [[nodiscard]] std::vector<topic_partition> take_finished();
  [[nodiscard]] bool done() const { return unfinished_ == 0; }

private:
  struct feed;
  struct link;

  tl::expected<bool, std::string> feed_some(feed& to);
  tl::expected<void, std::string> send(feed& to, const owned_record& record);
  tl::expected<void, std::string> settle();

  const journal* from_ = nullptr;
  unread_limit limit_;
  std::unique_ptr<link> link_;
  std::map<topic_partition, std::unique_ptr<feed>> feeds_;
  std::size_t unfinished_ = 0;
  std::vector<topic_partition> finished_;
};

} // namespace sluice::kafka
