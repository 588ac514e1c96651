// Tells one process from a later one with the same id.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::status {

/// When process `pid` of this machine started, in clock ticks since the machine
/// did (field 22 of /proc/PID/stat, proc(5)); std::nullopt: there is none.
[[nodiscard]] std::optional<std::uint64_t> process_start(std::int64_t pid);

/// The same from the text of that file; the process's name in it may contain
/// blanks and parentheses.
[[nodiscard]] std::optional<std::uint64_t>
parse_process_start(std::string_view stat);

} // namespace sluice::status
