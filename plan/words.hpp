// The words in which a plan speaks of a topology's values, for the text and the
// JSON alike.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topology/topology.hpp"

namespace sluice::plan {

/// "debezium-json", as the topology file has it.
[[nodiscard]] std::string_view name_of(topology::record_format format);
/// "latest", "append".
[[nodiscard]] std::string_view name_of(topology::table_mode mode);
/// "us"; empty for `automatic`.
[[nodiscard]] std::string_view name_of(topology::time_unit unit);
/// "reject", "null", "clamp".
[[nodiscard]] std::string_view name_of(topology::on_invalid policy);

/// The conditions of `recovery:` and their policies, as the file has them:
/// {"silver_ahead", "stop"}, ...
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>>
words_of(const topology::recovery& policies);
/// "earliest", "latest", "offset 100", "2026-02-18 06:00:00 UTC".
[[nodiscard]] std::string start_text(const topology::table_start& start);

/// "1 day", "90 seconds", "250 ms": in the largest unit that is exact.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
/// "64 MiB", "1000 bytes": in the largest unit that is exact.
[[nodiscard]] std::string bytes_text(std::size_t bytes);
/// "2026-02-21 00:00:00 UTC".
[[nodiscard]] std::string moment_text(std::chrono::sys_seconds when);

/// `url` without user and password, which some people put there.
[[nodiscard]] std::string without_credentials(std::string_view url);
/// "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& items);

/// "rerun", "next_run", as the topology file has it.
[[nodiscard]] std::string_view name_of(topology::on_join policy);

/// The topics of the topology's tables, each once, in the file's order.
[[nodiscard]] std::vector<std::string>
topics_of(const topology::topology& what);

/// "1 day", "1 month in Europe/Berlin", "7 days of 24 hours", "1 hour every 15
/// minutes": a gold's windows.
[[nodiscard]] std::string window_text(const topology::gold& of);

/// Where `window: start` is; std::nullopt: any.
[[nodiscard]] std::optional<std::chrono::sys_seconds>
start_of(const topology::gold& of);

/// The next firing of one of the gold's triggers after `now`; std::nullopt for
/// one that is no schedule.
[[nodiscard]] std::optional<std::chrono::sys_seconds>
next_firing(const topology::gold& of, const std::string& trigger,
            std::chrono::sys_seconds now);

} // namespace sluice::plan
