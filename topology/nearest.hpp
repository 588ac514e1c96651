// "Did you mean ...?": the nearest of some known words.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::topology {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a`
/// into `b` (optimal string alignment), upper and lower case being the same.
/// Time and memory grow with the product of the lengths.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, if it is near enough to be meant: at most
/// one edit for every three characters. The first one wins a tie. A word of
/// more than 64 bytes is near nothing, and only the first 2,000 candidates are
/// looked at.
[[nodiscard]] std::optional<std::string_view>
nearest(std::string_view word, std::span<const std::string_view> candidates);

/// How a message about an unknown word goes on: ": did you mean 'topic'?", or,
/// when nothing is near, "; known are a, b, c" (cut short after 20).
[[nodiscard]] std::string advice(std::string_view word,
                                 std::span<const std::string_view> candidates);

} // namespace sluice::topology
