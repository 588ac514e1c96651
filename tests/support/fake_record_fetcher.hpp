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
};

} // namespace sluice::kafka
