// What a zone's clocks show: its offsets from UTC over time. Read from the tz
// database's compiled files (TZif, RFC 8536) and from the rule for the years
// after them, which is a POSIX TZ string in their last line. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::gold {

/// From `at` on, local time is UTC + `offset`.
struct offset_change {
  std::chrono::sys_seconds at;
  std::chrono::seconds offset;
  bool operator==(const offset_change&) const = default;
};

struct zone_offsets {
  /// Before the first change.
  std::chrono::seconds first{0};
  /// Ascending; some leave the offset as it is.
  std::vector<offset_change> changes;
  bool operator==(const zone_offsets&) const = default;
};

/// Offsets are less than this from UTC, either way (RFC 8536, 3.2).
inline constexpr std::chrono::hours offset_max{26};

/// The last year that rules are worked out for: the one in which ClickHouse's
/// DateTime, and with it the last window, ends, and one more.
inline constexpr std::chrono::year last_year_of_rules{2107};

/// Reads a whole TZif file of version 2 or later, up to `last_year_of_rules`;
/// after it the last offset stays. The error is one line without a file's name:
/// bytes that are no such file, or a zone that counts leap seconds.
[[nodiscard]] tl::expected<zone_offsets, std::string>
parse_zone_file(std::string_view bytes);

/// Adds what a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3", with the hours of
/// -167 to 167 that RFC 8536 allows) says of the time after the last change in
/// `into`, up to `last_year_of_rules`. An empty text says nothing. False: it is
/// no such string; `into` is as it was.
[[nodiscard]] bool add_rule(std::string_view text, zone_offsets& into);

} // namespace sluice::gold
