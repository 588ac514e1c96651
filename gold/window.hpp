// Windows over event time, half-open [start, end) in UTC, and times as people
// write them. Which windows a gold table has is gold/window_rule.hpp.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gold/time_zone.hpp"

namespace sluice::gold {

/// A moment of the wall clock, as the agenda and the ledger count it.
using instant = std::chrono::sys_time<std::chrono::milliseconds>;

struct window {
  std::chrono::sys_seconds start;
  std::chrono::sys_seconds end;
  auto operator<=>(const window&) const = default;
};

/// "2026-02-20T00:00:00Z/2026-02-21T00:00:00Z" (ISO 8601 interval).
[[nodiscard]] std::string to_string(const window& what);

/// "2026-02-20 00:00:00", UTC, as ClickHouse writes a DateTime.
[[nodiscard]] std::string format_utc(std::chrono::sys_seconds when);

/// "2026-02-20T00:00:00Z", UTC, which parse_time reads.
[[nodiscard]] std::string format_instant(std::chrono::sys_seconds when);

/// Reads "2026-02-20", "2026-02-20 06:00", "2026-02-20T06:00:00Z": with the Z
/// in UTC, without it in `zone` (time_zone::first_instant). The error is one
/// line that shows the accepted forms.
[[nodiscard]] tl::expected<std::chrono::sys_seconds, std::string>
parse_time(std::string_view text, const time_zone& zone);

/// The same where everything is in UTC.
[[nodiscard]] tl::expected<std::chrono::sys_seconds, std::string>
parse_utc(std::string_view text);

/// Most windows that one request or one catch-up may name.
inline constexpr std::size_t windows_max = 10'000;

/// Whether ClickHouse's DateTime can hold both bounds (1970 to 2106): the
/// window's start names its partition.
[[nodiscard]] bool is_storable(const window& what);

} // namespace sluice::gold
