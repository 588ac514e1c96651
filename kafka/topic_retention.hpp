// How long a topic keeps its records.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "kafka/topics.hpp"

namespace sluice::kafka {

/// The topic's retention.ms, as its broker applies it; std::nullopt when time
/// takes no record (-1), or the broker does not tell (an embedded one, or no
/// right to describe configurations). Retention by size is not looked at.
/// Blocks up to `timeout`.
[[nodiscard]] tl::expected<std::optional<std::chrono::milliseconds>,
                           std::string>
topic_retention(const client& from, const std::string& topic,
                std::chrono::milliseconds timeout);

/// Whether the topic's broker drops records for which there is a newer one with
/// the same key (cleanup.policy). False also when the broker does not tell.
/// Connects anew; blocks up to about twice `timeout`.
[[nodiscard]] tl::expected<bool, std::string>
is_compacted(const broker_address& at, const std::string& topic,
             std::chrono::milliseconds timeout);

} // namespace sluice::kafka
