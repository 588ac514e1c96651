// The string that is stored with a committed offset: what a new owner must know
// to go on exactly where the former one stopped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::kafka {

/// Text form: `sluice/1 e=EPOCH c=N,N,...`, where the numbers are the lengths
/// of the intended cuts, the first of which begins at the committed offset.
/// Fields that a version does not know are kept out of its way: readers skip
/// them, so that fields may be added.
struct position_metadata {
  /// Counts deliberate restarts of the pipeline (1..65535 once restarted; 0 is
  /// the first).
  std::uint16_t epoch = 0;
  /// Ends (exclusive) of the cuts in flight, ascending, beyond the offset.
  std::vector<std::int64_t> cut_ends;
};

/// The largest string that encode() makes: brokers refuse more than 4,096 bytes
/// by default (offset.metadata.max.bytes).
inline constexpr std::size_t position_metadata_bytes_max = 4096;

[[nodiscard]] std::string encode(const position_metadata& metadata,
                                 std::int64_t offset);

/// Reads what encode() wrote for `offset`. An empty string is an empty
/// metadata (offsets set by hand). Anything else that is not ours is an error
/// in one line, because going on without the intents could double rows.
[[nodiscard]] tl::expected<position_metadata, std::string>
decode_position_metadata(std::string_view text, std::int64_t offset);

} // namespace sluice::kafka
