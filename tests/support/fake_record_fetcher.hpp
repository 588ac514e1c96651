// Records that can be fetched again, in memory.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kafka/record_fetch.hpp"

namespace sluice::kafka {

/// Not thread-safe.
class fake_record_fetcher : public record_fetcher {
public:
  std::map<std::pair<topic_partition, std::int64_t>, owned_record> records;
  /// Empty, or why every fetch fails.
  std::string failure;

  tl::expected<std::vector<std::optional<owned_record>>, std::string>
  fetch(const topic_partition& where, std::span<const std::int64_t> offsets,
        std::chrono::milliseconds /*timeout*/) override {
    if (!failure.empty())
      return tl::unexpected{failure};
    std::vector<std::optional<owned_record>> result;
    for (auto offset : offsets) {
      auto at = records.find({where, offset});
      result.push_back(at == records.end()
                           ? std::nullopt
                           : std::optional<owned_record>{at->second});
    }
    return result;
  }

  tl::expected<std::int64_t, std::string>
  offset_at(const topic_partition& where, std::int64_t time_ms,
            std::chrono::milliseconds /*timeout*/) override {
    if (!failure.empty())
      return tl::unexpected{failure};
    std::int64_t end = 0;
    for (const auto& [id, record] : records) {
      if (id.first != where)
        continue;
      if (record.timestamp_ms >= time_ms)
        return id.second;
      end = id.second + 1;
    }
    return end;
  }

  tl::expected<std::optional<std::int64_t>, std::string>
  expiry_of(const topic_partition& /*where*/, std::int64_t /*offset*/,
            std::chrono::milliseconds /*timeout*/) override {
    return std::optional<std::int64_t>{};
  }
};

} // namespace sluice::kafka
