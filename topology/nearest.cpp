#include "topology/nearest.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::topology {

namespace {

constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t listed_max = 20;
constexpr std::size_t compared_max = 2000;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks two rows back.
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows)
    row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = rows[i % 3];
    const auto& before = rows[(i + 2) % 3];
    const auto& two_before = rows[(i + 1) % 3];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      now[j] = std::min(
          {before[j] + 1, now[j - 1] + 1, before[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2])
          && lower(a[i - 2]) == lower(b[j - 1]))
        now[j] = std::min(now[j], two_before[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::optional<std::string_view>
nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > word_bytes_max)
    return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  const auto compared = std::min(candidates.size(), compared_max);
  for (const auto candidate : candidates.first(compared)) {
    if (candidate.size() > 2 * word_bytes_max)
      continue;
    const auto distance = edit_distance(word, candidate);
    const auto longer = std::max(word.size(), candidate.size());
    if (distance > std::max<std::size_t>(1, longer / 3) || distance >= longer)
      continue;
    if (!best || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string advice(std::string_view word,
                   std::span<const std::string_view> candidates) {
  if (const auto meant = nearest(word, candidates))
    return ": did you mean '" + std::string{*meant} + "'?";
  if (candidates.empty())
    return {};
  std::string text = "; known are ";
  for (std::size_t i = 0; i < std::min(candidates.size(), listed_max); ++i) {
    if (i > 0)
      text += ", ";
    text += candidates[i];
  }
  if (candidates.size() > listed_max)
    text += ", ...";
  return text;
}

} // namespace sluice::topology
