// The string that is stored with a committed offset: what a new owner must know
// to go on exactly where the former one stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/cut.hpp"
#include "kafka/record.hpp"

namespace sluice::kafka {

/// By which a record is known again: a topic that was deleted and made anew has
/// another one at the same offset.
struct fingerprint {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;
  /// CRC-32C of key and value.
  std::uint32_t crc = 0;
  bool operator==(const fingerprint&) const = default;
};

[[nodiscard]] fingerprint fingerprint_of(const record& of);

/// How far one table is.
struct table_position {
  /// name_hash() of the table's name.
  std::uint32_t table = 0;
  /// First offset whose row the table may lack; not below the committed one.
  std::int64_t frontier = 0;
  /// End of the last intent that may have been inserted into the table;
  /// std::nullopt: every intent from the frontier on may have been.
  std::optional<std::int64_t> attempted = {};
  /// Of the table's tokens and versions; it is ahead of the partition's own
  /// after a reset of the table.
  std::uint16_t epoch = 0;
  /// Where the table's blocks are divided within their cuts, ascending.
  std::vector<std::int64_t> splits = {};
  bool operator==(const table_position&) const = default;
};

/// Text form, every offset as a difference from the one before it (the first
/// from the committed offset):
///
///   sluice/2 e=EPOCH n=PARTITIONS p=PIPELINE f=BACK:TIMESTAMP:CRC
///   c=GAP+LENGTH,...
///            t=TABLE[@FRONTIER][~ATTEMPTED][^EPOCH][/SPLIT...],...
///
/// Fields without meaning are left out; readers skip fields that they do not
/// know, so that fields may be added.
struct position_metadata {
  /// Counts deliberate restarts of the partition (0 is the first life).
  std::uint16_t epoch = 0;
  /// Partitions of the topic when this was written; 0: unknown.
  std::int32_t partition_count = 0;
  /// name_hash() of the pipeline whose position it is; 0: unknown.
  std::uint32_t pipeline = 0;
  /// Of the last record below the committed offset.
  std::optional<fingerprint> last = {};
  /// Cuts that some table may have been sent and is not known to have,
  /// ascending and disjoint, none below the committed offset.
  std::vector<cut> intents = {};
  /// Every table that has a position, in any order.
  std::vector<table_position> tables = {};
  bool operator==(const position_metadata&) const = default;
};

/// The largest string that brokers take by default
/// (offset.metadata.max.bytes).
inline constexpr std::size_t position_metadata_bytes_max = 4096;

/// FNV-1a: how the metadata names tables and the pipeline.
[[nodiscard]] std::uint32_t name_hash(std::string_view name);

[[nodiscard]] std::string encode(const position_metadata& metadata,
                                 std::int64_t offset);

/// Reads what encode() wrote for `offset`. An empty string is an empty
/// metadata (offsets set by hand). Anything else that is not ours is an error
/// in one line, because going on without the intents could double rows.
[[nodiscard]] tl::expected<position_metadata, std::string>
decode_position_metadata(std::string_view text, std::int64_t offset);

} // namespace sluice::kafka
