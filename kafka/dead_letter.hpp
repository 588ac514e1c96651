// What is kept of a record that cannot be decoded: its original bytes and,
// as headers, where it came from and why it was refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// The record to put on the dead-letter topic: key, value, timestamp and
/// headers of the original, and after them the headers sluice.topic,
/// sluice.partition, sluice.offset, sluice.epoch, sluice.table, sluice.reason,
/// sluice.detail. Topic and partition are left to the sink (empty, negative).
/// `epoch` is that of `table` in the partition.
[[nodiscard]] owned_record
make_dead_letter(const topic_partition& where, const record& original,
                 std::uint16_t epoch, std::string_view table,
                 std::string_view reason, std::string_view detail);

/// A dead letter as it is read again.
struct dead_letter {
  /// The original at its own place (`where`, `offset`), without our headers.
  owned_record original;
  std::uint16_t epoch = 0;
  std::string table;
  std::string reason;
  std::string detail;
};

/// Reads what make_dead_letter() wrote; a letter without sluice.epoch is from a
/// version that had none, and has epoch 0. Headers of the same names that the
/// original had stay with it. The error says in one line what is missing or
/// wrong.
[[nodiscard]] tl::expected<dead_letter, std::string>
read_dead_letter(owned_record letter);

} // namespace sluice::kafka
