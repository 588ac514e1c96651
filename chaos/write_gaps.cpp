#include "chaos/write_gaps.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace sluice::chaos {

std::optional<std::string> series_of(const std::string& token) {
  // .../<epoch>/<lo>-<hi>
  const auto range = token.rfind('/');
  if (range == std::string::npos || range == 0)
    return std::nullopt;
  const auto epoch = token.rfind('/', range - 1);
  if (epoch == std::string::npos)
    return std::nullopt;
  return token.substr(0, epoch);
}

void write_gaps::broke(const std::string& what, instant at) {
  breaks_.push_back({what, at});
}

void write_gaps::written(const std::string& token, instant at) {
  const auto series = series_of(token);
  if (!series)
    return;
  const auto [known, is_new] = last_.try_emplace(*series, at);
  if (is_new)
    return;
  const auto before = std::exchange(known->second, at);
  const auto gap =
      std::chrono::duration_cast<std::chrono::milliseconds>(at - before);
  for (const auto& one : breaks_ | std::views::reverse) {
    if (one.at < before)
      break;
    auto& longest = longest_[one.what];
    longest = std::max(longest, gap);
  }
}

} // namespace sluice::chaos
