// Durations, sizes, counts and instants as people write them. Pure; a text that
// is not one gives std::nullopt, and so does one that is too large to hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::topology {

/// A whole number and a unit, with or without a space: ms, s (sec, second,
/// seconds), m (min, minute, minutes), h (hour, hours), d (day, days), w (week,
/// weeks). "0" needs no unit. At most 100 years.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text);

/// Bytes: a whole number, alone or with B, KB, MB, GB (powers of 1000) or KiB,
/// MiB, GiB (powers of 1024), in any case. At most 2^62.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// A whole number, with "_" between digits where it helps reading. May be
/// negative. At most 2^62.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view text);

/// A decimal number: digits, or digits, a point and digits. Not negative.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// The shortest text that parse_number reads as `number`, which must not be
/// negative: "10", "0.5".
[[nodiscard]] std::string number_to_text(double number);

/// "2026-02-18" (00:00 UTC), or RFC 3339 with a zone
/// ("2026-02-18T06:00:00+01:00"), in whole seconds. Years 1970 to 2105: what
/// ClickHouse's DateTime holds.
[[nodiscard]] std::optional<std::chrono::sys_seconds>
parse_instant(std::string_view text);

/// The shortest text that parse_duration reads as `duration`: "1 day", "90s".
[[nodiscard]] std::string to_text(std::chrono::milliseconds duration);

/// The shortest text that parse_bytes reads as `bytes`: "64MiB".
[[nodiscard]] std::string bytes_to_text(std::uint64_t bytes);

} // namespace sluice::topology
