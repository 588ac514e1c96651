#include "topology/mistakes.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "topology/utf8.hpp"

namespace sluice::topology {

namespace {

constexpr std::size_t shown_characters_max = 60;

auto rank(const diagnostic& mistake) {
  return std::tie(mistake.where.line, mistake.where.column);
}

void append_control(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<std::uint8_t>(c);
  switch (c) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 0x0FU];
  }
}

} // namespace

void mistakes::add(position where, std::string message) {
  found_.push_back({file_, where, std::move(message)});
}

std::vector<diagnostic> mistakes::take() {
  std::stable_sort(
      found_.begin(), found_.end(),
      [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::set<std::tuple<int, int, std::string>> seen;
  std::vector<diagnostic> once;
  for (auto& mistake : found_) {
    const auto& [line, column] = mistake.where;
    if (seen.emplace(line, column, mistake.message).second)
      once.push_back(std::move(mistake));
  }
  found_.clear();
  return once;
}

std::string shown(std::string_view text) {
  std::string out = "'";
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    if (characters == shown_characters_max) {
      out += "...";
      break;
    }
    const auto length = character_bytes(text.substr(at));
    if (length == 0)
      out += '?';
    else if (length == 1 && static_cast<std::uint8_t>(text[at]) < 0x20U)
      append_control(out, text[at]);
    else
      out += text.substr(at, length);
    at += std::max<std::size_t>(1, length);
  }
  return out + "'";
}

} // namespace sluice::topology
