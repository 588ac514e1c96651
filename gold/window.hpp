// Tumbling windows over event time: half-open [start, end), in UTC, aligned to
// 1970-01-01 00:00:00. Plain arithmetic, no clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

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

/// Reads "2026-02-20", "2026-02-20 06:00", "2026-02-20T06:00:00Z" (UTC, the Z
/// may be missing). The error is one line that shows the accepted forms.
[[nodiscard]] tl::expected<std::chrono::sys_seconds, std::string>
parse_utc(std::string_view text);

/// The window that contains `when`. `every` is positive.
[[nodiscard]] window align(std::chrono::sys_seconds when,
                           std::chrono::seconds every);

/// The newest window whose end + lateness is not after `now`.
[[nodiscard]] window last_ended(std::chrono::sys_seconds now,
                                std::chrono::seconds every,
                                std::chrono::seconds lateness);

/// Most windows that one request or one catch-up may name.
inline constexpr std::size_t windows_max = 10'000;

/// The windows that [from, to) touches, oldest first; empty when to <= from.
/// The newest `windows_max` of them when there are more.
[[nodiscard]] std::vector<window> windows_between(std::chrono::sys_seconds from,
                                                  std::chrono::sys_seconds to,
                                                  std::chrono::seconds every);

/// Whether ClickHouse's DateTime can hold both bounds (1970 to 2106): the
/// window's start names its partition.
[[nodiscard]] bool is_storable(const window& what);

} // namespace sluice::gold
